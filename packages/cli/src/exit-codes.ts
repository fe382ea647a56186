// The exit codes of the program. Scripts rely on them.
import type { ErrorCode, ProvisionError, Report } from '@pve-provision/core'

export const EXIT = { fine: 0, failed: 1, changes: 2, usage: 64, notPermitted: 77, interrupted: 130 } as const

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  MANIFEST: EXIT.usage,
  USAGE: EXIT.usage,
  AUTHENTICATION: EXIT.notPermitted,
  PERMISSION: EXIT.notPermitted,
  CANCELLED: EXIT.interrupted,
}

export function exitCodeOf(error: ProvisionError): number {
  return BY_CODE[error.code] ?? EXIT.failed
}

/** Returns the exit code of a finished run. Interrupted wins over failed. */
export function exitCodeOfReport(report: Report, interrupted: boolean): number {
  if (interrupted && report.outcomes.some(({ status }) => status === 'cancelled')) return EXIT.interrupted
  return report.ok ? EXIT.fine : EXIT.failed
}

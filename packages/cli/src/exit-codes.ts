// What the process ends with; scripts rely on these.
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

/** Of a finished run: interrupted before failed, failed before fine. */
export function exitCodeOfReport(report: Report, interrupted: boolean): number {
  if (interrupted && report.outcomes.some(({ status }) => status === 'cancelled')) return EXIT.interrupted
  return report.ok ? EXIT.fine : EXIT.failed
}

// The status of cloud-init: `cloud-init status`, and the files below /run that exist only after it has finished.

import type { CloudInitResult } from '../../state/boot.ts'
import type { GuestBehaviour } from '../../state/guest-behaviour.ts'
import { bytesOf } from './bytes.ts'
import type { Ended } from './shell.ts'

interface Verdict {
  readonly status: 'done' | 'error' | 'running'
  readonly extended: string
  readonly code: number
  readonly errors: readonly string[]
  readonly recoverable: Readonly<Record<string, readonly string[]>>
}

/** 0: done; 1: errors; 2: done, with warnings. */
export function verdictOn(result: CloudInitResult | undefined, { cloudInit }: GuestBehaviour): Verdict {
  if (result === undefined) return { status: 'running', extended: 'running', code: 0, errors: [], recoverable: {} }
  const told = cloudInit === 'error' ? ["('runcmd', RuntimeError('told to fail'))"] : []
  const errors = [...result.errors, ...told]
  const warnings = [...result.warnings, ...(cloudInit === 'degraded' ? ['told to be degraded'] : [])]
  const recoverable = {
    ...(result.deprecations.length > 0 && { DEPRECATED: result.deprecations }),
    ...(warnings.length > 0 && { WARNING: warnings }),
  }
  const isDegraded = Object.keys(recoverable).length > 0
  const prefix = isDegraded ? 'degraded ' : ''
  if (errors.length > 0) return { status: 'error', extended: `error - done`, code: 1, errors, recoverable }
  return { status: 'done', extended: `${prefix}done`, code: isDegraded ? 2 : 0, errors, recoverable }
}

/** Undefined if the image has no cloud-init. */
export function cloudInitStatus(
  result: CloudInitResult | undefined,
  behaviour: GuestBehaviour,
  asJson: boolean,
): Ended | undefined {
  if (behaviour.cloudInit === 'absent') return undefined
  const { status, extended, code, errors, recoverable } = verdictOn(result, behaviour)
  const text = {
    boot_status_code: 'enabled-by-generator',
    datasource: /^DataSource(\w+)/.exec(result?.datasource ?? '')?.[1]?.toLowerCase() ?? '',
    detail: errors.length > 0 ? errors.join('\n') : (result?.datasource ?? ''),
    errors,
    extended_status: extended,
    recoverable_errors: recoverable,
    schemas: {},
    status,
  }
  const out = asJson ? `${JSON.stringify(text, undefined, 2)}\n` : `status: ${status}\n`
  return { out: bytesOf(out), err: '', code }
}

export function resultFiles(result: CloudInitResult, behaviour: GuestBehaviour): Readonly<Record<string, string>> {
  const { errors } = verdictOn(result, behaviour)
  const { datasource } = result
  const text = `${JSON.stringify({ v1: { datasource, errors } }, undefined, 1)}\n`
  const stage = { errors: [], recoverable_errors: {}, start: 0, finished: 0 }
  const stages = { init: stage, 'init-local': stage, 'modules-config': stage, 'modules-final': { ...stage, errors } }
  const status = `${JSON.stringify({ v1: { datasource, stage: null, ...stages } }, undefined, 1)}\n`
  return {
    '/run/cloud-init/result.json': bytesOf(text),
    '/run/cloud-init/status.json': bytesOf(status),
  }
}

// `apply`: shows the plan, asks, executes it and tells what happened.
import { apply, prepare } from '@pve-provision/core'
import type { CommonOptions } from '../cli.ts'
import { carryOut } from './carry-out.ts'

export interface ApplyCommandOptions extends CommonOptions {
  readonly only?: readonly string[]
  readonly replace?: readonly string[]
  readonly autoApprove?: boolean
  readonly stopOnError?: boolean
  readonly updateImages?: boolean
}

export function applyCommand(options: ApplyCommandOptions): Promise<number> {
  return carryOut(options, { prepare, apply, question: 'Make these changes?' })
}

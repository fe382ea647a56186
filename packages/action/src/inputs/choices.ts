// Reads the inputs that select machines and operations. The command line has the same choices as options.
import type { Adoptions } from '@pve-provision/core'
import type { Mode } from './mode.ts'
import { parseNames } from './parse.ts'
import type { Reader } from './reader.ts'

export const REMOVALS = ['all', 'expired', 'orphans'] as const
export type Removal = (typeof REMOVALS)[number]

export interface Choices {
  readonly only: readonly string[]
  readonly replace: readonly string[]
  readonly replaceOutdated: boolean
  readonly restart: boolean
  readonly move: boolean
  /** Also remove machines and disks that the manifest no longer names. */
  readonly prune: boolean
  /** How many machines a rollout changes at the same time. */
  readonly batch?: number
  /** What is removed, or planned to be removed. Absent: nothing. */
  readonly removal?: Removal
  readonly adoptions: Adoptions
}

interface Given {
  readonly mode: Mode
  readonly faults: string[]
}

export function readChoices(read: Reader, { mode, faults }: Given): Choices {
  const batch = read.parsed('batch', parseCount, 'a whole number from 1')
  const removal = readRemoval(read, { mode, faults })
  return {
    only: parseNames(read.text('only')),
    replace: parseNames(read.text('replace')),
    replaceOutdated: read.flag('replace-outdated'),
    restart: read.flag('restart'),
    move: read.flag('move'),
    prune: read.flag('prune'),
    ...(batch !== undefined && { batch }),
    ...(removal !== undefined && { removal }),
    adoptions: read.parsed('adopt', parseAdoptions, 'like `web=104, db=105`, or `all`') ?? 'all',
  }
}

/** In another mode, the input would have no effect, and the user would expect machines to be removed. */
function readRemoval(read: Reader, { mode, faults }: Given): Removal | undefined {
  const given = read.choice('destroy', REMOVALS)
  if (mode === 'destroy') return given ?? 'all'
  if (given !== undefined && mode !== 'plan')
    faults.push('`destroy` works only in the modes `destroy` and `plan`; remove it.')
  return given
}

function parseCount(text: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined
}

function parseAdoptions(text: string): Adoptions | undefined {
  if (text === 'all') return 'all'
  const pairs = parseNames(text).map((pair) => /^([^=]+)=([1-9]\d{2,8})$/.exec(pair))
  const found = pairs.flatMap((pair) => (pair ? [{ name: pair[1] ?? '', vmid: Number(pair[2]) }] : []))
  return found.length === pairs.length ? found : undefined
}

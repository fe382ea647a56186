// Faults on command: which requests go wrong, how, how often, with what probability. A seed makes chance repeatable.

export type FaultAction = 'fail' | 'delay' | 'drop-before' | 'drop-after' | 'truncate'

export interface FaultRule {
  /** What happens: an error answer, a late answer, no answer before or after the work was done, half an answer. */
  readonly action: FaultAction
  /** Absent: any. */
  readonly method?: string
  /** Path behind `/api2/json`; `*` stands for one segment, `**` for any. Absent: any. */
  readonly path?: string
  /** How many requests it meets; absent: all. */
  readonly count?: number
  /** How many matching requests go by unharmed first. */
  readonly after?: number
  /** 0 to 1; absent: 1. */
  readonly probability?: number
  /** For `fail`: the status, 500 unless given. */
  readonly status?: number
  /** For `fail`: the sentence. */
  readonly reason?: string
  /** For `delay`, and before any other action when given. */
  readonly delayMs?: number
}

export interface Fault extends FaultRule {
  readonly id: number
  /** Requests it has met so far. */
  met: number
}

export interface Faults {
  /** Adds a rule and gives its number. */
  add(rule: FaultRule): number
  remove(id: number): boolean
  clear(): void
  list(): readonly Fault[]
  /** The rule that meets this request, counted as met. */
  take(method: string, path: string): FaultRule | undefined
}

export function createFaults({ seed = 1, rules = [] }: { seed?: number; rules?: readonly FaultRule[] } = {}): Faults {
  const random = mulberry32(seed)
  const faults: (Fault & { seen: number })[] = []
  let nextId = 1
  const faultsApi: Faults = {
    add: (rule) => {
      faults.push({ ...rule, id: nextId, met: 0, seen: 0 })
      return nextId++
    },
    remove: (id) => {
      const index = faults.findIndex((fault) => fault.id === id)
      if (index >= 0) faults.splice(index, 1)
      return index >= 0
    },
    clear: () => void faults.splice(0),
    list: () => faults.map(({ seen, ...fault }) => fault),
    take: (method, path) => {
      const fault = faults.find((candidate) => meets(candidate, { method, path, random }))
      if (fault !== undefined) fault.met += 1
      return fault
    },
  }
  for (const rule of rules) faultsApi.add(rule)
  return faultsApi
}

function meets(
  fault: Fault & { seen: number },
  { method, path, random }: { method: string; path: string; random: () => number },
): boolean {
  if (fault.method !== undefined && fault.method !== method) return false
  if (fault.path !== undefined && !pathPattern(fault.path).test(path)) return false
  if (fault.count !== undefined && fault.met >= fault.count) return false
  fault.seen += 1
  if (fault.seen <= (fault.after ?? 0)) return false
  return fault.probability === undefined || random() < fault.probability
}

function pathPattern(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*|\*/g, (star) => (star === '**' ? '.*' : '[^/]*'))
  return new RegExp(`^${escaped}$`)
}

/** A small generator that gives the same numbers for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Reads `fail:POST:/nodes/pve/qemu:count=1,status=500,reason=…`, as the command line writes it. Throws for what it cannot read. */
export function parseFault(text: string): FaultRule {
  const [action = '', method = '', path = '', ...rest] = text.split(':')
  if (!['fail', 'delay', 'drop-before', 'drop-after', 'truncate'].includes(action)) {
    throw new Error(`'${action}' is no fault: fail, delay, drop-before, drop-after or truncate`)
  }
  const settings = Object.fromEntries(
    rest
      .join(':')
      .split(',')
      .filter(Boolean)
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
  const number = (key: string): Record<string, number> =>
    settings[key] === undefined ? {} : { [key]: Number(settings[key]) }
  return {
    action: action as FaultAction,
    ...(method !== '' && method !== '*' && { method }),
    ...(path !== '' && path !== '**' && { path }),
    ...number('count'),
    ...number('after'),
    ...number('probability'),
    ...number('status'),
    ...number('delayMs'),
    ...(settings['reason'] !== undefined && { reason: settings['reason'] }),
  }
}

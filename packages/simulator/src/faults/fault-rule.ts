// What a fault is, and how one is written: on the command line, in a file, at the control port.

const actions = [
  'fail',
  'delay',
  'drop-before',
  'drop-after',
  'truncate',
  'no-worker',
  'fail-task',
  'warn-task',
  'hang-task',
] as const

export type FaultAction = (typeof actions)[number]

export interface FaultRule {
  /**
   * What happens: an error instead of the work, a late answer, no answer before or after the work was done, half an
   * answer, a task that cannot be started (`got no worker upid`) with what the call did before left behind, or a task that
   * starts and then dies of `reason`, ends with it as a warning, or goes on until it is stopped.
   */
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
  /** For `fail`, `no-worker`, `fail-task` and `warn-task`: the sentence. */
  readonly reason?: string
  /** For `delay`, and before any other action when given. */
  readonly delayMs?: number
}

const isAction = (text: string): text is FaultAction => actions.some((action) => action === text)

const numbers = ['count', 'after', 'probability', 'status', 'delayMs'] as const
const texts = ['method', 'path', 'reason'] as const

/**
 * Reads `fail:POST:/nodes/pve/qemu:count=1,status=500,reason=…`, as the command line writes it; `reason` comes last and may
 * hold anything. Throws a sentence for what is no fault.
 */
export function parseFault(text: string): FaultRule {
  const [action = '', method = '', path = '', ...rest] = text.split(':')
  const [, settings = '', reason] = /^(.*?)(?:(?:^|,)reason=(.*))?$/s.exec(rest.join(':')) ?? []
  const pairs = settings.split(',').filter(Boolean).map(readSetting)
  return checkFaultRule({
    action,
    ...(method !== '' && method !== '*' && { method }),
    ...(path !== '' && path !== '**' && { path }),
    ...Object.fromEntries(pairs),
    ...(reason !== undefined && { reason }),
  })
}

function readSetting(pair: string): [string, number] {
  const [key = '', value = ''] = pair.split('=')
  if (isNumeric(key) && (value === '' || !Number.isFinite(Number(value))))
    throw new Error(`'${value}' is no number for ${key}`)
  return [key, Number(value)]
}

const isNumeric = (key: string): boolean => numbers.some((name) => name === key)

/** Reads a rule from JSON. Throws a sentence for what is none. */
export function checkFaultRule(value: unknown): FaultRule {
  if (typeof value !== 'object' || value === null) throw new Error('a fault is a JSON object')
  const rule: Record<string, unknown> = { ...value }
  const { action } = rule
  if (typeof action !== 'string' || !isAction(action)) {
    throw new Error(
      `${typeof action === 'string' ? `'${action}' is no fault` : 'a fault has an action'}: ${actions.join(', ')}`,
    )
  }
  const known = new Set<string>(['action', ...numbers, ...texts])
  const unknown = Object.keys(rule).find((key) => !known.has(key))
  if (unknown !== undefined) throw new Error(`a fault has no '${unknown}': ${[...known].join(', ')}`)
  for (const key of numbers)
    if (rule[key] !== undefined && typeof rule[key] !== 'number') throw new Error(`${key} is a number`)
  for (const key of texts)
    if (rule[key] !== undefined && typeof rule[key] !== 'string') throw new Error(`${key} is a text`)
  return rule as unknown as FaultRule
}

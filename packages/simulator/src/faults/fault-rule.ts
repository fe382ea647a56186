// Fault rules and how they are written: on the command line, in a file, at the control port.

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
   * What happens: an error instead of the work, a delay, no answer before or after the work, half an answer, a task
   * that cannot be started (`got no worker upid`) although the call already had an effect, or a task that starts and
   * then fails with `reason`, ends with it as a warning, or runs until it is stopped.
   */
  readonly action: FaultAction
  /** Default: any. */
  readonly method?: string
  /** Path after `/api2/json`; `*` stands for one segment, `**` for any number. Default: any. */
  readonly path?: string
  /** How many requests it applies to. Default: all. */
  readonly count?: number
  /** How many matching requests to skip first. */
  readonly after?: number
  /** 0 to 1. Default: 1. */
  readonly probability?: number
  /** For `fail`: the status. Default: 500. */
  readonly status?: number
  /** For `fail`, `no-worker`, `fail-task` and `warn-task`: the sentence. */
  readonly reason?: string
  /** For `delay`. It also delays any other action. */
  readonly delayMs?: number
}

const isAction = (text: string): text is FaultAction => actions.some((action) => action === text)

const numbers = ['count', 'after', 'probability', 'status', 'delayMs'] as const
const texts = ['method', 'path', 'reason'] as const

/**
 * Parses the command line format `fail:POST:/nodes/pve/qemu:count=1,status=500,reason=…`. `reason` is last and may
 * contain any text. Throws a sentence for an invalid fault.
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
    throw new Error(`'${value}' is not a number for ${key}`)
  return [key, Number(value)]
}

const isNumeric = (key: string): boolean => numbers.some((name) => name === key)

/** Reads a rule from JSON. Throws a sentence for an invalid rule. */
export function checkFaultRule(value: unknown): FaultRule {
  if (typeof value !== 'object' || value === null) throw new Error('a fault is a JSON object')
  const rule: Record<string, unknown> = { ...value }
  const { action } = rule
  if (typeof action !== 'string' || !isAction(action)) {
    throw new Error(
      `${typeof action === 'string' ? `'${action}' is not a fault` : 'a fault has an action'}: ${actions.join(', ')}`,
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

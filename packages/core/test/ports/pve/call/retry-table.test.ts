import { describe, expect, it } from 'vitest'
import {
  type CallKind,
  callKind,
  type FailureClass,
  retryDelayMs,
  retryReason,
  retryRule,
  retryTable,
} from '../../../../src/ports/pve/call/retry-table.ts'

describe('the retry table', () => {
  // Each rule: how often a call is sent in total, and whether its effect is unknown afterwards.
  const lines: readonly (readonly [CallKind, FailureClass, number, boolean])[] = [
    ['read', 'refused', 5, false],
    ['read', 'lock', 7, false],
    ['read', 'worker', 5, false],
    ['read', 'gateway', 5, false],
    ['read', 'network', 5, false],
    ['read', 'vanished', 5, false],
    ['read', 'refusal', 1, false],
    ['change', 'refused', 5, false],
    ['change', 'lock', 7, false],
    ['change', 'worker', 5, false],
    ['change', 'gateway', 1, true],
    ['change', 'network', 1, true],
    ['change', 'refusal', 1, false],
    ['create', 'refused', 5, false],
    ['create', 'lock', 7, false],
    ['create', 'worker', 1, false],
    ['create', 'gateway', 1, true],
    ['create', 'network', 1, true],
    ['create', 'refusal', 1, false],
  ]
  it.each(lines)('%s, %s: sent %i times at most, in doubt afterwards: %s', (kind, failure, attempts, lostReply) => {
    expect(retryRule(kind, failure)).toMatchObject({ kind, failure, attempts, lostReply })
  })

  it('has each line once and no other', () => {
    expect(retryTable.map(({ kind, failure }) => [kind, failure])).toEqual(
      lines.map(([kind, failure]) => [kind, failure]),
    )
  })

  it.each(['change', 'create'] as const)(
    'leaves a %s with an unlisted failure in doubt, and never repeats it',
    (kind) => {
      expect(retryRule(kind, 'vanished')).toMatchObject({ kind, failure: 'vanished', attempts: 1, lostReply: true })
    },
  )

  it('gives a reason to whatever it repeats', () => {
    for (const { failure, attempts } of retryTable) if (attempts > 1) expect(retryReason(failure)).toBe(failure)
    expect(retryReason('refusal')).toBeUndefined()
  })
})

describe('the delay before a repeat', () => {
  const rule = {
    kind: 'read',
    failure: 'lock',
    attempts: 4,
    firstDelayMs: 100,
    lastDelayMs: 300,
    lostReply: false,
  } as const

  it('doubles up to the last one, and ends', () => {
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs(rule, attempt, 1))).toEqual([100, 200, 300, undefined])
  })

  it('is spread over its upper half', () => {
    expect(retryDelayMs(rule, 1, 0)).toBe(50)
    expect(retryDelayMs(rule, 1, 0.5)).toBe(75)
  })
})

describe('the kind of a call', () => {
  it.each([
    ['GET', '/nodes/pve1/qemu', 'read'],
    ['POST', '/nodes/pve1/qemu', 'create'],
    ['POST', '/nodes/pve1/lxc', 'create'],
    ['POST', '/nodes/pve1/qemu/100/clone', 'change'],
    ['PUT', '/nodes/pve1/qemu', 'change'],
    ['POST', '/cluster/nodes/pve1/qemu', 'change'],
    ['PUT', '/nodes/pve1/qemu/100/config', 'change'],
    ['DELETE', '/nodes/pve1/qemu/100', 'change'],
  ] as const)('%s %s is a %s', (method, path, kind) => {
    expect(callKind(method, path)).toBe(kind)
  })
})

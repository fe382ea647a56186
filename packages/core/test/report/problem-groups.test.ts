import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/errors.ts'
import type { Step } from '../../src/plan/step.ts'
import { alsoFailed, failureGroups } from '../../src/report/problem-groups.ts'
import type { Outcome } from '../../src/report/report.ts'

function failed(machine: string, message: string, { hint = 'Make room.', kind = 'create' } = {}): Outcome {
  const step = { id: `${kind}:${machine}`, kind, machine, needs: [], action: 'run', why: '', lanes: [] }
  const error = new ProvisionError('TASK', message, { hint })
  return { step: step as unknown as Step, status: 'failed', ms: 1, startedAtMs: 0, error }
}

const textsOf = (...outcomes: readonly Outcome[]) =>
  failureGroups(outcomes).map((group) => [group.error.message, alsoFailed(group)])

describe('failures of a run', () => {
  it('are equal if they differ only in the name of their machine', () => {
    expect(
      textsOf(
        failed('web-1', 'No space for web-1.'),
        failed('db', 'Proxmox refused it.'),
        failed('web-2', 'No space for web-2.'),
        failed('web-3', 'No space for web-3.'),
        failed('host.example.net', 'No space for host.example.net.'),
      ),
    ).toEqual([
      ['No space for web-1.', 'Also: create:web-2, create:web-3, create:host.example.net.'],
      ['Proxmox refused it.', ''],
    ])
  })

  it('are equal if only their tasks differ', () => {
    const hint = (task: string) => `Full log: \`pvenode task log 'UPID:pve1:${task}:qmclone:9000:ci@pve!a:'\`.`
    expect(
      failureGroups([
        failed('a', 'No space.', { hint: hint('00A1') }),
        failed('b', 'No space.', { hint: hint('00B2') }),
      ]),
    ).toHaveLength(1)
  })

  it.each([
    ['another reason', failed('b', 'No space on pve2.')],
    ['another remedy', failed('b', 'No space on pve1.', { hint: 'Buy a disk.' })],
    ['another kind of step', failed('b', 'No space on pve1.', { kind: 'start' })],
    ['the name of another machine', failed('b', 'No space on pve1. c')],
    ['a name within a word', failed('pve', 'No space on 1.')],
  ])('are separate with %s', (_, other) => {
    expect(failureGroups([failed('a', 'No space on pve1.'), other])).toHaveLength(2)
  })

  it('do not include steps that were blocked, which have no error', () => {
    const { error: _, ...blocked } = failed('b', 'x')
    expect(failureGroups([{ ...blocked, status: 'blocked', by: 'create:a' }])).toEqual([])
  })
})

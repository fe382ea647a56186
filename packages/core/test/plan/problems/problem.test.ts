import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../../src/errors.ts'
import { conflict, positionOf, problemOfStep, uniqueProblems } from '../../../src/plan/problems/problem.ts'
import { desiredState } from '../../support/given.ts'

describe('a problem', () => {
  it('of a step has its error’s sentence and hint, and its place', () => {
    const error = new ProvisionError('CONFLICT', 'It is taken.', { hint: 'Take another.' })
    expect(problemOfStep('create:web', error, { file: 'a.yaml', line: 3, column: 5 })).toEqual({
      code: 'CONFLICT',
      message: 'It is taken.',
      hint: 'Take another.',
      file: 'a.yaml',
      line: 3,
      column: 5,
      step: 'create:web',
    })
    expect(problemOfStep('create:web', new ProvisionError('DISK', 'It is full.')).hint).toBe('')
  })

  it('of the whole plan has no step', () => {
    expect(conflict('It is taken.', 'Take another.')).toEqual([
      { code: 'CONFLICT', message: 'It is taken.', hint: 'Take another.' },
    ])
  })

  it('that several machines have is reported once, at its first position', () => {
    const of = (message: string, step: string) => ({ code: 'CONFLICT' as const, message, hint: '', step })
    expect(uniqueProblems([of('a', '1'), of('b', '2'), of('a', '3')])).toEqual([of('a', '1'), of('b', '2')])
  })

  it('has the position of its key, or else of its machine', () => {
    const [web] = desiredState('vms:\n  web:\n    memory: 2 GiB\n').machines
    if (web === undefined) throw new Error('no machine')
    const machine = positionOf(web, undefined)
    expect(positionOf(web, 'memory')?.line).toBe((machine?.line ?? 0) + 1)
    expect(positionOf(web, 'tags')).toEqual(machine)
  })
})

import type { Outcome, Step } from '@pve-provision/core'
import { expect, it } from 'vitest'
import { ganttOf } from '../../src/summary/gantt.ts'

function start(machine: string, { startedAtMs = 0, ms = 500, ...rest }: Partial<Outcome> = {}): Outcome {
  const step: Step = {
    id: `start:${machine}`,
    kind: 'start',
    machine,
    createFrom: 'c',
    needs: [],
    action: 'run',
    why: '',
    lanes: [],
  }
  return { step, status: 'done', ms, startedAtMs, ...rest }
}

it('draws a section for each subject and a bar for each step that took time', () => {
  const text = ganttOf([start('web'), start('db', { startedAtMs: 300.4, ms: 99.6, status: 'failed' })])
  expect(text).toBe(
    [
      'gantt',
      '  dateFormat x',
      '  axisFormat %S.%L',
      '  section web',
      '    start :0, 500',
      '  section db',
      '    start failed :crit, 300, 400',
    ].join('\n'),
  )
})

it('names a section of a removed template or volume like its step', () => {
  const more = { needs: [], action: 'run', why: '', lanes: [], node: 'pve1' } as const
  const steps = [
    { ...more, id: 'destroy:tpl-a@pve1', kind: 'destroy', name: 'template a@pve1/local 0123456789abcdef' },
    { ...more, id: 'remove-volume:pve1/local/a.qcow2', kind: 'remove-volume', volid: 'local:import/a.qcow2' },
  ] as unknown as readonly Step[]
  const text = ganttOf(steps.map((step) => ({ ...start('a'), step })))
  expect(text).toContain('section tpl-a@pve1\n')
  expect(text).toContain('section pve1/local/a.qcow2\n')
})

it('draws nothing when everything was kept or blocked', () => {
  expect(ganttOf([start('web', { status: 'kept' }), start('db', { status: 'blocked' })])).toBeUndefined()
})

it('keeps the longest steps when there are too many, in the order of the plan', () => {
  const text = ganttOf([start('a', { ms: 5 }), start('b', { ms: 900 }), start('c', { ms: 700 })], 2)
  expect(text).not.toContain('section a')
  expect(text?.indexOf('section b')).toBeLessThan(text?.indexOf('section c') ?? 0)
})

it('gives a step of less than a millisecond a bar that can be seen', () => {
  expect(ganttOf([start('a', { startedAtMs: 10, ms: 0.2 })])).toContain('10, 11')
})

it('removes Mermaid syntax from names', () => {
  expect(ganttOf([start('a:b;c#d%%e\nclick')])).toContain('section a_b_c_d__e_click\n')
})

// What the text at the end of a run contains, and what it leaves out.
import { type Outcome, ProvisionError, type Report, type Step } from '@pve-provision/core'
import { describe, expect, it } from 'vitest'
import { reportText } from '../../src/text/report-text.ts'

const MIB = 1024 ** 2

function outcome(id: string, rest: Partial<Outcome> = {}): Outcome {
  const step = { id, kind: id.split(':')[0], sizeBytes: 100 * MIB } as Step
  return { step, status: 'done', ms: 1000, startedAtMs: 0, ...rest }
}

function textOf(outcomes: readonly Outcome[], rest: Partial<Report> = {}, verbose = false): string {
  const metrics = { wallMs: 2000, serialMs: 5000, bytesDownloaded: 0, bytesUploaded: 0, bytesSaved: 0, apiRequests: 1 }
  const ok = outcomes.every(({ status }) => status === 'done' || status === 'kept')
  const report = { ok, changed: true, outcomes, machines: [], notes: [], metrics, ...rest } as unknown as Report
  return reportText(report, { nothing: 'Nothing to do, everything is as declared', verbose })
}

describe('a report', () => {
  it('counts machines by status, without steps and requests', () => {
    const machine = (name: string, status: string) => ({ name, status, addresses: [] })
    const machines = [machine('a', 'created'), machine('b', 'created'), machine('c', 'destroyed'), machine('d', 'kept')]
    const text = textOf([outcome('create:a')], { machines: machines as unknown as Report['machines'] })
    expect(text).toMatch(/\n\nDone: 2 machines created, 1 removed, in 2\.0 s\.\n$/)
  })

  it('counts kept machines instead of listing more than twenty', () => {
    const machine = (name: string, status: string) => ({ name, status, addresses: [] })
    const kept = (count: number) => Array.from({ length: count }, (_, index) => machine(`w-${index}`, 'kept'))
    const show = (count: number, verbose = false) => {
      const machines = [machine('new', 'created'), ...kept(count)] as unknown as Report['machines']
      return textOf([outcome('create:new')], { machines }, verbose)
    }
    expect(show(21)).toContain('new  created\n21 machines kept (--verbose lists them)\n')
    expect(show(21)).not.toContain('w-0')
    expect(show(20)).toContain('w-19')
    expect(show(21, true)).toContain('w-20')
  })

  it('with --verbose shows local downloads separately from those of Proxmox', () => {
    const metrics = { wallMs: 2000, serialMs: 5000, bytesDownloaded: 7 * MIB, bytesSaved: 0, apiRequests: 12 }
    const outcomes = [outcome('pull:cloud@pve1/local'), outcome('create:web')]
    const text = textOf(outcomes, { metrics: metrics as unknown as Report['metrics'] }, true)
    expect(text).toContain('Done: 2 steps done, in 2.0 s.')
    expect(text).toContain('7.0 MiB downloaded here, 100 MiB downloaded by Proxmox, 12 requests to Proxmox.')
  })

  it('says in words of the command that there was nothing to do', () => {
    expect(textOf([outcome('create:web', { status: 'kept' })], { changed: false })).toBe(
      'Nothing to do, everything is as declared, in 2.0 s.\n',
    )
  })

  it('names a cause once, with all that it blocks', () => {
    const error = new ProvisionError('HTTP', 'cdn.example.org answers 404.', { hint: 'Add `mirrors`.' })
    const blocked = { status: 'blocked', by: 'download:cloud' } as const
    const text = textOf([
      outcome('download:cloud', { status: 'failed', error }),
      outcome('create:a', blocked),
      outcome('create:b', blocked),
    ])
    expect(text).toContain(
      'failed download:cloud: cdn.example.org answers 404. [HTTP]\n  → Add `mirrors`.\nblocked by download:cloud: create:a, create:b\n',
    )
    expect(text).toContain('Finished with errors: 1 step failed, 2 blocked, in 2.0 s.')
  })

  it('shows equal failures once, with all steps', () => {
    const error = (name: string) => new ProvisionError('TASK', `No space for ${name}.`, { hint: 'Make room.' })
    const text = textOf(
      ['a', 'b', 'c'].map((name) => outcome(`create:${name}`, { status: 'failed', error: error(name) })),
    )
    expect(text).toContain('failed create:a: No space for a. [TASK] Also: create:b, create:c.\n  → Make room.\n\n')
    expect(text).toContain('Finished with errors: 3 steps failed')
    const different = textOf([
      outcome('create:a', { status: 'failed', error: error('a') }),
      outcome('create:b', { status: 'failed', error: error('a') }),
    ])
    expect(different).not.toContain('Also')
  })

  it('of an interrupted run lists what continues in Proxmox, and not what only stopped', () => {
    const error = new ProvisionError('CANCELLED', 'Task UPID:pve1 goes on.', { hint: 'The next run finds it.' })
    const text = textOf([
      outcome('pull:cloud', { status: 'cancelled', error }),
      outcome('download:server', { status: 'cancelled', error: new ProvisionError('CANCELLED', 'interrupted') }),
      outcome('create:web', { status: 'cancelled' }),
    ])
    expect(text).toContain(
      'cancelled pull:cloud: Task UPID:pve1 goes on.\n  → The next run finds it.\n\nInterrupted: 3',
    )
    expect(text).toMatch(/The next run continues from here\.\n$/)
    expect(text).not.toMatch(/server/)
  })
})

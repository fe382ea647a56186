import { type Outcome, type Plan, ProvisionError, type Report, type Step } from '@pve-provision/core'
import { describe, expect, it } from 'vitest'
import { runMarkdown } from '../../src/summary/markdown.ts'

const METRICS = {
  bytesDownloaded: 0,
  bytesUploaded: 0,
  bytesSaved: 0,
  apiRequests: 21,
  cacheHits: 1,
  retries: 0,
  wallMs: 1200,
  serialMs: 4200,
}

const EMPTY: Plan = { steps: [], machines: [], orphans: [], problems: [], notes: [], digest: 'sha256:0' }

function create(machine: string, why = 'no machine of this name'): Step {
  const lanes: readonly string[] = []
  return {
    id: `create:${machine}`,
    kind: 'create',
    machine,
    node: 'pve1',
    templateFrom: 't',
    linked: true,
    base: '0',
    needs: [],
    action: 'run',
    why,
    lanes,
  }
}

function outcome(step: Step, rest: Partial<Outcome> = {}): Outcome {
  return { step, status: 'done', ms: 900, startedAtMs: 100, ...rest }
}

function report(outcomes: readonly Outcome[], rest: Partial<Report> = {}): Report {
  const ok = outcomes.every(({ status }) => status === 'done' || status === 'kept')
  const changed = outcomes.some(({ status }) => status === 'done')
  return { ok, changed, outcomes, machines: [], notes: [], metrics: METRICS, ...rest }
}

function apply(outcomes: readonly Outcome[], rest: Partial<Report> = {}): string {
  return runMarkdown({ project: 'homelab', mode: 'apply', report: report(outcomes, rest) })
}

describe('runMarkdown: a successful run', () => {
  it('shows machines with their addresses, what changed and why, and the time saved by parallel steps', () => {
    const text = apply([outcome(create('web'))], {
      machines: [
        {
          name: 'web',
          vmid: 20001,
          node: 'pve1',
          status: 'created',
          addresses: [],
          tags: [],
          ips: ['192.0.2.7', '2001:db8::7'],
        },
      ],
    })
    expect(text).toContain('## ✅ homelab: apply')
    expect(text).toContain('| `web` | 20001 | pve1 | created | `192.0.2.7` `2001:db8::7` |')
    expect(text).toContain('| `web` | created | no machine of this name | 900\u00a0ms |')
    expect(text).toContain('All steps together took 4.2 s')
    expect(text).toContain('```mermaid\ngantt')
  })

  it('has no column for addresses if none is known', () => {
    const machine = { name: 'web', vmid: 20001, node: 'pve1', status: 'created' as const, addresses: [], tags: [] }
    const text = apply([outcome(create('web'))], { machines: [machine] })
    expect(text).toContain('| Name | ID | Node | Status |\n')
    expect(text).toContain('| `web` | 20001 | pve1 | created |\n')
  })

  it('says so when there was nothing to do, and draws no timeline', () => {
    const text = apply([outcome(create('web'), { status: 'kept' })])
    expect(text).toContain('**Nothing to do** in 1.2 s: 1 kept.')
    expect(text).not.toContain('mermaid')
    expect(text).not.toContain('instead of')
  })

  it('shows how old cached facts are and what they saved', () => {
    const text = apply([], { cachedFacts: { ageMs: 3 * 3600_000, requestsSaved: 18 } })
    expect(text).toContain(
      '21 requests to Proxmox; facts about the cluster are 3 h 0 min old and came from the cache, which saved 18 requests.',
    )
  })

  it('says that facts were requested again', () => {
    expect(apply([])).toContain('facts about the cluster were read again')
  })
})

describe('runMarkdown: a failed run', () => {
  const log = ['starting', 'transferred 10%', 'TASK ERROR: no space left']
  const failed = outcome(create('web'), {
    status: 'failed',
    error: new ProvisionError('TASK', 'Task qmclone 20001 failed: no space', {
      hint: 'Make room: see `df -h | less` or a lone ` tick.',
      details: { log },
    }),
  })
  const blocked = outcome(
    { ...create('db'), id: 'start:db', kind: 'start', machine: 'db', createFrom: 'create:web' } as Step,
    {
      status: 'blocked',
      by: 'create:web',
    },
  )

  it('shows failures first, with what to do, the end of the task log, and what they blocked', () => {
    const text = apply([outcome(create('other')), failed, blocked])
    expect(text.indexOf('### Failure')).toBeLessThan(text.indexOf('### What changed'))
    expect(text).toContain('**`create:web`: Task qmclone 20001 failed: no space** (`TASK`)')
    expect(text).toContain('→ Make room: see <code>df -h &#124; less</code> or a lone \\` tick.')
    expect(text).toContain('TASK ERROR: no space left')
    expect(text).toContain('This blocked 1 step: `start:db`')
  })

  it('shows an error that ended the run before any step, with all its lines', () => {
    const error = new ProvisionError('MANIFEST', 'm.yaml has 2 faults:\nm.yaml:1:1: one\nm.yaml:2:1: two')
    const text = runMarkdown({ project: 'm.yaml', mode: 'apply', error })
    expect(text).toContain('❌')
    expect(text).toContain('m.yaml:2:1: two')
    expect(text).toContain('before anything was changed')
  })

  it('shows equal failures once, with all steps, and what they blocked', () => {
    const full = (machine: string) =>
      new ProvisionError('TASK', `No space for ${machine} on local.`, { hint: 'Make room.' })
    const failed = ['web-1', 'web-2', 'web-3'].map((machine) =>
      outcome(create(machine), { status: 'failed', error: full(machine) }),
    )
    const other = outcome(create('db'), { status: 'failed', error: full('web-4') })
    const text = apply([...failed, other, { ...blocked, by: 'create:web-2' }])
    expect(text).toContain('### 4 failures')
    expect(text).toContain(
      '**`create:web-1`: No space for web-1 on local.** (`TASK`)\n\nAlso: `create:web-2` `create:web-3`.\n\n→ Make room.\n\nThis blocked 1 step: `start:db`',
    )
    expect(text).toContain('**`create:db`: No space for web-4 on local.**')
    expect(text).not.toContain('No space for web-2')
  })
})

describe('runMarkdown: a plan', () => {
  const plan: Plan = {
    ...EMPTY,
    steps: [create('web'), { ...create('db'), action: 'keep' }],
    notes: ['web stands on an older base'],
  }

  it('shows what would be done and why, what is kept, and notes', () => {
    const text = runMarkdown({ project: 'homelab', mode: 'plan', plan })
    expect(text).toContain('## ✅ homelab: plan')
    expect(text).toContain('**1 step** to do, 1 kept.')
    expect(text).toContain('| `web` | create | no machine of this name |')
    expect(text).toContain('- web stands on an older base')
  })

  it('has a column for changes only if there are changes', () => {
    const machine = { name: 'web', node: 'pve1', action: 'create', changes: [] } as const
    const created: Plan = { ...plan, machines: [machine] }
    expect(runMarkdown({ project: 'homelab', mode: 'plan', plan: created })).toContain('| Machines | Action |\n')
    const changes = [{ key: 'memory', before: '1 GiB', after: '2 GiB', when: 'restart' }] as const
    const updated: Plan = { ...plan, machines: [machine, { ...machine, name: 'db', action: 'update', changes }] }
    expect(runMarkdown({ project: 'homelab', mode: 'plan', plan: updated })).toContain(
      '| `db` | change | memory 1 → 2 GiB (when it is restarted) |',
    )
  })

  it('shows machines with the same changes and reason in one row', () => {
    const names = ['web-1', 'web-2', 'web-3', 'web-4', 'db']
    const same: Plan = { ...EMPTY, steps: names.map((name) => create(name)) }
    const text = runMarkdown({ project: 'homelab', mode: 'plan', plan: same })
    expect(text).toContain('| `web-1…4` `db` | create | no machine of this name |')
    const done = apply(names.map((name, index) => outcome(create(name), { ms: 900 + 200 * index })))
    expect(done).toContain('| `web-1…4` `db` | created | no machine of this name | 900\u00a0ms to 1.7\u00a0s |')
  })

  it('shows findings of one kind together, with their remedy once', () => {
    const finding = (machine: string) => ({
      name: 'plan',
      ok: false,
      message: `No storage for ${machine}.`,
      remedy: ['Correct it.'],
    })
    const findings = [{ name: 'version', ok: true, message: 'Fine.' }, ...['a', 'b', 'c', 'd', 'e'].map(finding)]
    const text = runMarkdown({ project: 'homelab', mode: 'doctor', findings })
    expect(text.match(/Correct it\./g)).toHaveLength(1)
    expect(text).toContain('No storage for c.<br>… and 2 more of this kind.')
    expect(text.indexOf('version')).toBeGreaterThan(text.indexOf('Correct it'))
  })

  it('shows problems, with the lines that fix them', () => {
    const lack = {
      code: 'PERMISSION',
      message: 'VM.Clone is missing on /pool/ci.',
      hint: 'pveum acl modify /pool/ci\npveum …',
    } as const
    const bridge = { code: 'CONFLICT', message: 'There is no bridge vmbr9.', hint: '' } as const
    const shown = (...problems: Plan['problems']) =>
      runMarkdown({ project: 'homelab', mode: 'plan', plan: { ...plan, problems } })
    const text = shown(lack, bridge)
    expect(text).toContain('## ❌')
    expect(shown(lack)).toContain('## ✅')
    expect(text).toContain('### Problems that block an apply\n\n- There is no bridge vmbr9.\n\n### What would be done')
    // A read-only token is recommended for plans, so its missing privileges are folded, after the operations.
    expect(text.split('### What would be done')[1]).toContain(
      'missing privileges</summary>\n\n- VM.Clone is missing on /pool/ci.\n\n  ```text\n  pveum acl modify /pool/ci\n  pveum …\n  ```\n\n</details>',
    )
  })

  it('shows equal problems once, with their machines, and does not promise their steps', () => {
    const error = new ProvisionError('CONFLICT', 'There is no bridge vmbr7 on pve1.', { hint: 'It has vmbr0.' })
    const failing = ['web-1', 'web-2', 'web-3'].map((name): Step => ({ ...create(name), problem: error }))
    const needy = {
      ...create('db'),
      id: 'start:web-1',
      kind: 'start',
      machine: 'web-1',
      createFrom: 'x',
      needs: ['create:web-1'],
    }
    const { code, message, hint = '' } = error
    const at = { file: 'm.yaml', line: 8, column: 3 }
    const problems = [{ code, message, hint, ...at, step: 'create:web-1' }]
    const steps = [...failing, needy as Step, create('other')]
    const text = runMarkdown({ project: 'homelab', mode: 'plan', plan: { ...EMPTY, steps, problems } })
    expect(text).toContain('## ❌ homelab: plan')
    expect(text).toContain(
      '### Problems\n\n- There is no bridge vmbr7 on pve1. (m.yaml:8:3) It blocks web-1…3.\n\n  → It has vmbr0.\n',
    )
    expect(text.match(/There is no bridge/g)).toHaveLength(1)
    expect(text.split('### What would be done')[1]).toMatch(/^[^`]*`other` \| create \|[^`]*$/)
  })

  it('does not repeat the general problems of a refused apply, which are in its error', () => {
    const problem = { code: 'CONFLICT', message: 'There is no pool ci.', hint: '' } as const
    const error = new ProvisionError('CONFLICT', problem.message)
    const text = runMarkdown({ project: 'homelab', mode: 'apply', plan: { ...plan, problems: [problem] }, error })
    expect(text.match(/There is no pool ci/g)).toHaveLength(1)
  })

  it('says that there is nothing to do', () => {
    const text = runMarkdown({ project: 'homelab', mode: 'plan', plan: EMPTY })
    expect(text).toContain('**Nothing to do**: everything is as declared.')
  })

  it('does not say that everything is as declared where a machine differs, or is of an older build', () => {
    const machine = { name: 'web', vmid: 101, node: 'pve1', action: 'keep', changes: [] } as const
    const older = { ...machine, outdated: { from: '0'.repeat(16), to: 'f'.repeat(16) } }
    const moved = { ...machine, differences: [{ key: 'node', is: 'pve1', declared: 'pve2', hint: '' }] }
    const text = runMarkdown({ project: 'homelab', mode: 'plan', plan: { ...EMPTY, machines: [older, moved] } })
    expect(text).toContain(
      '**Nothing to do**, but 1 machine differs from the manifest, and 1 machine runs an older build of its image.',
    )
  })
})

describe('runMarkdown: foreign text', () => {
  it('keeps a table intact and prevents injected markup, mentions and closed blocks', () => {
    const step = create('web', 'a | b\n<script>alert(1)</script> @octocat #12 **bold** [x](y)')
    const text = apply([outcome(step)])
    const row = text.split('\n').find((line) => line.startsWith('| `web` | created'))
    expect(row).toBe(
      '| `web` | created | a \\| b \\<script\\>alert(1)\\</script\\> @<!-- -->octocat #<!-- -->12 \\*\\*bold\\*\\* \\[x\\](y) | 900\u00a0ms |',
    )
  })

  it('does not let a task log end its block', () => {
    const log = ['```', '</details>', '````']
    const error = new ProvisionError('TASK', 'failed', { details: { log } })
    const text = apply([outcome(create('web'), { status: 'failed', error })])
    expect(text).toContain('`````text\n```\n</details>\n````\n`````')
  })
})

describe('runMarkdown: long summaries', () => {
  it('stays under the limit with ten thousand machines and long logs', () => {
    const log = Array.from({ length: 50 }, () => 'x'.repeat(100_000))
    const error = new ProvisionError('TASK', 'é'.repeat(100_000), { hint: 'h'.repeat(100_000), details: { log } })
    const outcomes = Array.from({ length: 10_000 }, (_, index) =>
      outcome(create(`vm-${index}`, 'w'.repeat(5000)), { status: 'failed', error }),
    )
    const text = apply(outcomes, {
      machines: outcomes.map(({ step }) => ({ name: step.id, status: 'failed' as const, addresses: [], tags: [] })),
    })
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000_000)
    expect(text).toContain('### 10000 failures')
  })

  it('omits details instead of truncating when the limit is small', () => {
    const outcomes = Array.from({ length: 300 }, (_, index) => outcome(create(`vm-${index}`, `reason ${index}`)))
    const text = runMarkdown({ project: 'homelab', mode: 'apply', report: report(outcomes) }, 3000)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3000)
    expect(text).toContain('… and 295 more.')
    expect(text).not.toContain('mermaid')
  })

  it('says at least where to look when nothing fits', () => {
    const text = runMarkdown({ project: 'homelab', mode: 'apply', report: report([outcome(create('web'))]) }, 200)
    expect(text).toContain('see the report')
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(200)
  })
})

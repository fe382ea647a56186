import { describe, expect, it } from 'vitest'
import type { Facts, GuestFacts } from '../../../src/facts/facts.ts'
import { settingProblems } from '../../../src/plan/problems/setting-problems.ts'
import { desiredState, factsOf, guestFacts } from '../../support/given.ts'

type Cluster = Facts['cluster']

interface Given {
  readonly cluster?: Partial<Cluster>
  readonly guests?: readonly GuestFacts[]
  readonly guest?: GuestFacts
  readonly changed?: readonly string[]
}

function problemsOf(keys: string, { cluster, guests = [], guest, changed }: Given = {}) {
  const [machine] = desiredState(`vms: { web: ${keys} }`).machines
  if (machine === undefined) throw new Error('no machine')
  const facts = { ...factsOf({ guests }), cluster: { ...factsOf().cluster, ...cluster } }
  return settingProblems(machine, { facts, node: 'pve1', guest, ...(changed && { changed: new Set(changed) }) })
}

const KNOWN = {
  capabilities: new Map([
    [
      'pve1',
      {
        cpus: new Set(['host', 'x86-64-v2-AES', 'Skylake-Client', 'Skylake-Server', 'custom-lab']),
        machines: new Set(['pc-i440fx-9.2', 'pc-i440fx-8.1', 'pc-q35-9.2', 'pc-q35-8.1']),
      },
    ],
  ]),
} satisfies Partial<Cluster>

describe('a CPU type', () => {
  it.each(['host', 'x86-64-v2-AES', 'custom-lab'])('that the node knows is accepted: %s', (type) => {
    expect(problemsOf(`{ cpu: ${type} }`, { cluster: KNOWN })).toEqual([])
  })

  it('that it does not know is a problem with similar suggestions', () => {
    const [problem, ...others] = problemsOf('{ cpu: Skylake-Client-v9 }', { cluster: KNOWN })
    expect(others).toEqual([])
    expect(problem?.message).toBe('pve1 does not support the CPU type Skylake-Client-v9 of web.')
    expect(problem?.hint).toBe(
      'Look at: pvesh get /nodes/pve1/capabilities/qemu/cpu (such as Skylake-Client, Skylake-Server)',
    )
    expect(problem?.details).toEqual({ machine: 'web', key: 'cpu' })
  })

  it('without a similar one has a hint without a suggestion', () => {
    const [problem] = problemsOf('{ cpu: EPYC }', { cluster: KNOWN })
    expect(problem?.hint).toBe('Look at: pvesh get /nodes/pve1/capabilities/qemu/cpu')
  })

  describe('with flags', () => {
    const LISTED = {
      capabilities: new Map([
        ['pve1', { cpus: new Set(['host']), machines: new Set<string>(), cpuFlags: new Set(['aes', 'new-one']) }],
      ]),
    }
    const OF_8 = { ...KNOWN, version: { text: '8.4.1', major: 8, minor: 4 } }

    it.each(['host,flags=+aes', 'host,flags=+new-one;-aes,hidden=1'])('that the node lists is accepted: %s', (type) => {
      expect(problemsOf(`{ cpu: "${type}" }`, { cluster: LISTED })).toEqual([])
    })

    it('that the node does not list is a problem with those that it lists', () => {
      const [problem] = problemsOf('{ cpu: "host,flags=+nosuch;+aes" }', { cluster: LISTED })
      expect([problem?.message, problem?.hint]).toEqual([
        'A VM on pve1 cannot set the CPU flag nosuch of web.',
        'Proxmox accepts aes, new-one.',
      ])
    })

    it('is compared with those of Proxmox VE 8, which lists none, and with none of an unknown version', () => {
      expect(problemsOf('{ cpu: "host,flags=+aes" }', { cluster: OF_8 })).toEqual([])
      expect(problemsOf('{ cpu: "host,flags=+nested-virt" }', { cluster: OF_8 })).toHaveLength(1)
      expect(problemsOf('{ cpu: "host,flags=+nosuch" }', { cluster: KNOWN })).toEqual([])
    })
  })

  it('is not checked where the node did not list its types, or where it does not change', () => {
    expect(problemsOf('{ cpu: EPYC }')).toEqual([])
    expect(problemsOf('{ cpu: EPYC }', { cluster: KNOWN, changed: ['memory'] })).toEqual([])
    expect(problemsOf('{ cpu: EPYC }', { cluster: KNOWN, changed: ['cpu'] })).toHaveLength(1)
  })
})

describe('cores', () => {
  const nodes = [{ name: 'pve1', online: true, memoryBytes: 0, freeMemoryBytes: 0, cpus: 8 }]
  const told = (words: string, given: Given = {}) =>
    problemsOf(words, { cluster: { nodes }, ...given }).map(({ message }) => message)

  it.each(['{ cores: 8 }', '{ cores: 4, sockets: 2 }'])('that the node has are accepted: %s', (words) => {
    expect(told(words)).toEqual([])
  })

  it.each([
    ['{ cores: 9 }', 9],
    ['{ cores: 4, sockets: 4 }', 16],
  ])('beyond its processors are a problem, because the machine would never start: %s', (words, count) => {
    expect(told(words)).toEqual([`web would have ${count} cores, but pve1 has 8, so it could not start.`])
  })

  it('are not checked where the token does not see the processors, or where they do not change', () => {
    expect(problemsOf('{ cores: 9 }')).toEqual([])
    expect(told('{ cores: 9 }', { changed: ['memory'] })).toEqual([])
    expect(told('{ cores: 9, sockets: 1 }', { changed: ['sockets'] })).toHaveLength(1)
  })
})

describe('a machine type', () => {
  it.each(['pc', 'q35', 'pc-q35-8.1', 'pc-i440fx-9.2'])('that the node knows is accepted: %s', (type) => {
    expect(problemsOf(`{ machine: ${type} }`, { cluster: KNOWN })).toEqual([])
  })

  it.each([
    ['pc-q35-99.0', 'q35', 'pc-q35-9.2'],
    ['pc-i440fx-99.0', 'pc', 'pc-i440fx-9.2'],
  ])('%s is newer than the node: it proposes %s', (type, short, newest) => {
    const [problem] = problemsOf(`{ machine: ${type} }`, { cluster: KNOWN })
    expect(problem?.message).toBe(`pve1 does not support the machine type ${type}, so web could not start.`)
    expect(problem?.hint).toBe(`Use \`machine: ${short}\`, or one that it supports, such as ${newest}.`)
  })
})

describe('a boot order', () => {
  it('of declared devices is accepted', () => {
    expect(problemsOf('{ network: { bridge: vmbr0 }, boot: [scsi0, net0] }')).toEqual([])
    expect(problemsOf('{ disks: [{ size: 1 GiB }], boot: [scsi1, ide2, scsi0] }')).toEqual([])
  })

  it('of a device that is not declared is a problem that lists the existing ones', () => {
    const [problem] = problemsOf('{ network: { bridge: vmbr0 }, boot: [scsi0, scsi3, net1] }')
    expect(problem?.message).toBe('web would boot from scsi3, net1, which it does not have.')
    expect(problem?.hint).toMatch(/^It has scsi0, ide2, net0: correct `boot`, or declare the device\.$/)
  })

  it('of a device that was added manually is accepted', () => {
    const guest = guestFacts('web', { config: { sata4: 'local:iso/rescue.iso,media=cdrom' } })
    expect(problemsOf('{ boot: [sata4] }', { guest })).toEqual([])
    expect(problemsOf('{ boot: [sata5] }', { guest })).toHaveLength(1)
  })
})

describe('memory', () => {
  const nodes = [{ name: 'pve1', online: true, memoryBytes: 16 * 1024 ** 3, freeMemoryBytes: 1 }]

  it('may be all that the node has, but not more', () => {
    expect(problemsOf('{ memory: 16 GiB }', { cluster: { nodes } })).toEqual([])
    const [problem] = problemsOf('{ memory: 17 GiB }', { cluster: { nodes } })
    expect(problem?.message).toBe('web would have 17 GiB of memory, but pve1 has 16 GiB.')
    expect(problem?.details).toEqual({ machine: 'web', key: 'memory' })
  })

  it('is not checked where the token cannot see the devices of the node', () => {
    expect(
      problemsOf('{ memory: 17 GiB }', { cluster: { nodes: [{ ...nodes[0], memoryBytes: 0 } as never] } }),
    ).toEqual([])
  })
})

describe('tags', () => {
  const [identity, permissions] = ['ci@pve!lab', {}]
  const rules = (tags: NonNullable<Cluster['tags']>) => ({ identity, permissions, tags })
  const messages = (keys: string, given: Given) => problemsOf(keys, given).map(({ message }) => message)
  const refused = ['ci@pve!lab may not set the tag prod of web.']

  it.each([
    ['free', []],
    ['list', refused],
    ['existing', refused],
    ['none', refused],
  ] as const)('outside the list, with user-tag-access "%s"', (access, expected) => {
    expect(messages('{ tags: [prod] }', { cluster: rules({ access, registered: [], allowed: ['dev'] }) })).toEqual(
      expected,
    )
    expect(messages('{ tags: [dev] }', { cluster: rules({ access, registered: [], allowed: ['dev'] }) })).toEqual([])
  })

  it('that are registered need Sys.Modify in every mode', () => {
    const tags = { access: 'free', registered: ['prod'], allowed: ['prod'] } as const
    const [problem] = problemsOf('{ tags: [prod] }', { cluster: rules(tags) })
    expect(problem?.hint).toBe('As root on any node: pvesh set /cluster/options --delete registered-tags')
    const allowed = { '/': { 'Sys.Modify': 1 as const } }
    expect(problemsOf('{ tags: [prod] }', { cluster: { ...rules(tags), permissions: allowed } })).toEqual([])
  })

  it('some of which are registered: the others stay registered', () => {
    const tags = { access: 'free', registered: ['prod', 'audit'], allowed: [] } as const
    const [problem] = problemsOf('{ tags: [prod] }', { cluster: rules(tags) })
    expect(problem?.hint).toBe("As root on any node: pvesh set /cluster/options --registered-tags 'audit'")
  })

  it('outside the list have the command that adds them and keeps the others', () => {
    const [problem] = problemsOf('{ tags: [prod] }', {
      cluster: rules({ access: 'list', registered: [], allowed: ['dev'] }),
    })
    expect(problem?.hint).toBe(
      "As root on any node: pvesh set /cluster/options --user-tag-access 'user-allow=list,user-allow-list=dev;prod'",
    )
  })

  it('that the machine already has are not set again', () => {
    const guest = guestFacts('web', { config: { tags: 'prod;pve-provision' } })
    const cluster = rules({ access: 'none', registered: [], allowed: [] })
    expect(problemsOf('{ tags: [prod] }', { cluster, guest })).toEqual([])
  })

  it('are checked against those in use where the token cannot read the mode', () => {
    const cluster = rules({ allowed: [] })
    expect(problemsOf('{ tags: [prod] }', { cluster }), 'nobody has it: it may be free').toEqual([])
    const guests = [guestFacts('mail', { config: { tags: 'prod' } })]
    expect(problemsOf('{ tags: [prod] }', { cluster, guests }), 'in use, and not allowed').toHaveLength(1)
    expect(problemsOf('{ tags: [prod] }', { cluster: rules({ allowed: ['prod'] }), guests })).toEqual([])
  })
})

describe('wait', () => {
  it('without `start` is a problem, as nothing would be waited for', () => {
    const [problem, ...others] = problemsOf('{ wait: agent }')
    expect(others).toEqual([])
    expect(problem?.message).toBe('web has `wait` but not `start: true`, so there is nothing to wait for.')
    expect(problem?.details).toEqual({ machine: 'web', key: 'wait' })
  })

  it.each(['{ wait: agent, start: true }', '{ wait: agent, start: false }', '{}'])('is valid in %s', (keys) => {
    expect(problemsOf(keys)).toEqual([])
  })
})

// Machines against a simulated cluster, over the wire: made, kept, changed, removed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWNER_TAG, readMarker } from '../../src/facts/marker.ts'
import { createLab, failures, type Lab, labState } from '../support/machine-lab.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab()
})

afterAll(() => lab.close())

async function machine(name: string) {
  const found = (await lab.guests()).find((guest) => guest.name === name)
  if (!found) throw new Error(`no machine ${name}`)
  return { ...found, config: await lab.config(found.vmid, found.node) }
}

describe('apply', () => {
  const web = labState(`
vms:
  web:
    count: 2
    cores: 2
    memory: 1 GiB
    disk: 2 GiB
    network: { bridge: vmbr0, vlan: 7 }
    tags: [Prod, alpha]
    description: A web server
    cloudInit: { user: ops, password: s3cret-word, sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPHM0Eh3Zzq1k6jM+yX3xYcZ0xw1q7aKQ9kXW9l2q6mR ops@desk's (work)!"], ip: dhcp, dns: { servers: [9.9.9.9], domain: lab.example } }
    start: true
`)

  it('makes a template and its machines, as declared', async () => {
    const ran = await lab.runner().apply(web)
    expect(failures(ran)).toEqual([])
    const { config } = await machine('web-1')
    expect(config).toMatchObject({
      cores: 2,
      memory: '1024',
      tags: `alpha;prod;${OWNER_TAG}`,
      ciuser: 'ops',
      ipconfig0: 'ip=dhcp',
      nameserver: '9.9.9.9',
      searchdomain: 'lab.example',
    })
    expect(config.scsi0).toMatch(/^local:\d+\/base-\d+-disk-0.qcow2\/\d+\/vm-\d+-disk-0.qcow2,size=2G$/)
    expect(config.net0).toMatch(/^virtio=BC:24:11:[0-9A-F:]+,bridge=vmbr0,tag=7$/)
    expect(readMarker(config.description)).toMatchObject({
      project: 'lab',
      name: 'web-1',
      kind: 'machine',
      image: 'fast',
    })
    expect(config.description).toMatch(/^A web server\n/)
  })

  it('changes nothing when run again', async () => {
    const ran = await lab.runner().apply(web)
    expect(ran.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
  })

  it('makes what is missing in at most six requests a machine, polling aside', async () => {
    const runner = lab.runner()
    const desired = labState('vms: { batch: { count: 6, cores: 2, disk: 1 GiB, start: true } }')
    const facts = await runner.observe(desired)
    const before = lab.simulator.requests.total
    const { makePlan } = await import('../../src/plan/make-plan.ts')
    const ran = await runner.execute(desired, facts, makePlan(desired, facts))
    expect(failures(ran)).toEqual([])
    const asked = lab.simulator.requests.recent.slice(-(lab.simulator.requests.total - before))
    const counted = asked.filter(({ path }) => !/\/tasks\/[^/]+\/(status|log)/.test(path))
    expect(counted.length).toBeLessThanOrEqual(6 * 6)
  })
})

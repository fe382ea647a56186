import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ansibleInventory } from '../../src/report/inventory.ts'

const machine = { name: 'web-1', vmid: 20001, node: 'pve1', entry: 'web', addresses: ['10.0.0.1'], tags: ['front-end'] }
const read = (...machines: Parameters<typeof ansibleInventory>[0]) => parse(ansibleInventory(machines)).all

describe('an inventory', () => {
  it('groups machines by entry, node and tag, under names that Ansible takes', () => {
    const { children, hosts } = read(machine, {
      ...machine,
      name: 'web-2',
      ips: ['10.0.0.9'],
      addresses: [],
      user: 'ops',
    })
    expect(Object.keys(children)).toEqual(['web', 'node_pve1', 'tag_front_end'])
    expect(children.web.hosts).toEqual({ 'web-1': {}, 'web-2': {} })
    expect(hosts['web-2']).toMatchObject({ ansible_host: '10.0.0.9', ansible_user: 'ops', proxmox_vmid: 20001 })
  })

  it('has no group with the name of its only host, no unknown address, and no group without machines', () => {
    const { children, hosts } = read({ ...machine, name: 'db', entry: 'db', addresses: [] })
    expect(Object.keys(children)).toEqual(['node_pve1', 'tag_front_end'])
    expect(hosts.db).not.toHaveProperty('ansible_host')
    expect(read()).toEqual({ hosts: {} })
  })
})

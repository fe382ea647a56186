// Conversion of Ansible files: the manifest, its meaning, and the notes about the rest.
import { parseManifest } from '@pve-provision/core'
import { describe, expect, it } from 'vitest'
import { fromAnsible } from '../src/init/ansible/from-ansible.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC me'
const PLACES = {
  project: 'moved',
  nodes: ['pve1', 'pve2'],
  imagesStorage: 'local',
  disksStorage: 'local-lvm',
  bridge: 'vmbr0',
  guessed: false,
}
const IMAGES =
  'proxmox_cloud_init_images: { debian: { url: "https://cloud.debian.org/x.qcow2", checksum: "sha256=' +
  'a'.repeat(64) +
  '" } }\n'

function convert(text: string) {
  const { text: manifest, notes } = fromAnsible(text, 'vars.yml', PLACES)
  const { desired } = parseManifest({ text: manifest, file: 'm.yaml' }, { readFile: () => KEY })
  return { manifest, notes, machines: desired.machines, images: desired.images }
}

describe("Proxmox's own keys", () => {
  it('become network cards, addresses, disks and cloud-init keys', () => {
    const { machines, notes } = convert(`${IMAGES}
proxmox_bridge: vmbr1
vms:
  - name: web
    image: debian
    net0: "virtio=BC:24:11:00:00:01,bridge={{ proxmox_bridge }},tag=20,firewall=1,queues=2,link_down=0"
    net1: "e1000,bridge=vmbr2,trunks=10;20-30,mtu=1"
    ipconfig0: "ip=10.0.0.5/24,gw=10.0.0.1"
    ipconfig1: "ip=dhcp,ip6=auto"
    nameserver: 10.0.0.53 10.0.0.54
    searchdomain: lab.example other.example
    ciuser: ops
    ciupgrade: 0
    sshkeys: "{{ lookup('file', '~/.ssh/id.pub') }}"
    scsi0: "fast:32,discard=on,ssd=1"
    scsi1: "slow:100,serial=data"
    virtio0: "fast:10G"
    ide2: "fast:cloudinit"
    ide0: "local:iso/drivers.iso,media=cdrom"
    efidisk0: "fast:1,efitype=4m"
    tpmstate0: "fast:1,version=v2.0"
    serial0: socket
    vga: serial0
    agent: "enabled=1,fstrim_cloned_disks=1"
    startup: "order=2,up=30"
    cpulimit: 1.5
    hostpci0: "mapping=gpu,pcie=1"
    machine: q35
    balloon: 0
`)
    expect(notes).toEqual([])
    expect(machines[0]).toMatchObject({
      networks: [
        { bridge: 'vmbr1', model: 'virtio', vlan: 20, mac: 'BC:24:11:00:00:01', firewall: true, queues: 2 },
        { bridge: 'vmbr2', model: 'e1000', trunks: ['10', '20-30'] },
      ],
      storage: { disks: 'fast', images: 'local' },
      disk: { sizeBytes: 32 * 1024 ** 3, discard: true, ssd: true },
      disks: [
        { sizeBytes: 100 * 1024 ** 3, storage: 'slow', serial: 'data' },
        { sizeBytes: 10 * 1024 ** 3, bus: 'virtio' },
      ],
      cdroms: [{ volume: 'local:iso/drivers.iso' }],
      firmware: { bios: 'ovmf', tpm: true },
      devices: [{ kind: 'pci', mapping: 'gpu', pcie: true }],
      cpu: { limit: 1.5 },
      memory: { balloonMiB: 0 },
      agent: true,
      startup: { order: 2, upSeconds: 30 },
      cloudInit: {
        user: 'ops',
        upgrade: false,
        sshKeys: [KEY],
        addresses: [
          { ip: '10.0.0.5/24', gateway: '10.0.0.1' },
          { ip: 'dhcp', ip6: 'auto' },
        ],
        nameservers: ['10.0.0.53', '10.0.0.54'],
        searchDomains: ['lab.example', 'other.example'],
      },
    })
  })

  it.each([
    [
      'cipassword: "{{ vault_pw }}"',
      'vms.web.cipassword was left out: export VAULT_PW=…, and set cloudInit.password: "${secret:VAULT_PW}".',
    ],
    [
      `cipassword: "{{ lookup('env', 'PW') }}"`,
      'vms.web.cipassword was left out: export PW=…, and set cloudInit.password: "${secret:PW}".',
    ],
    ['cipassword: hunter2', 'vms.web.cipassword was left out: set it as cloudInit.password: "${secret:NAME}".'],
    [
      'hostpci0: "0000:01:00.0"',
      'vms.web.hostpci0 was left out: create a resource mapping (Datacenter → Resource Mappings), and set devices: [{ pci: NAME }].',
    ],
    ['args: "-cpu max"', 'vms.web.args was left out: only root may set it, and a token is not root.'],
    [
      'cicustom: "user=local:snippets/u.yml"',
      'vms.web.cicustom was left out: set the documents as cloudInit.userData: { file: PATH }, vendorData and networkConfig.',
    ],
    [
      'cores: "{{ groups.x }}"',
      'vms.web.cores was left out: only Ansible knows its value; write the value, or use "${env:NAME}".',
    ],
    [`pool: "{{ lookup('env', 'POOL') }}"`, 'vms.web.pool was left out: use "${env:POOL}".'],
    ['memory: lots', 'vms.web.memory was left out: lots is not understood.'],
    [
      'colour: red',
      'vms.web.colour was left out: the manifest has no such key; use `description` or `tags` for your own notes.',
    ],
  ])('with %s are not converted: the replacement is named', (words, note) => {
    expect(convert(`${IMAGES}vms: [{ name: web, image: debian, ${words} }]\n`).notes).toEqual([note])
  })
})

describe('options that machines share', () => {
  it('are in the defaults, once', () => {
    const { manifest, machines } = convert(`${IMAGES}
common: &common { image: debian, node: pve3, cores: 2, memory: 2G, ciuser: ops, bridge: vmbr5, state: started, gateway: 10.0.0.1 }
proxmox_vms:
  a: { <<: *common, vmid: 201, ip: 10.0.0.11/24 }
  b: { <<: *common, vmid: 202, ip: 10.0.0.12/24, cores: 4 }
`)
    expect(manifest.match(/pve3|vmbr5|user: ops|2 GiB|start: true/g)).toHaveLength(5)
    expect(manifest).not.toMatch(/pve1|vmbr0/)
    expect(
      machines.map(({ name, vmid, nodes, cpu, start, cloudInit }) => [
        name,
        vmid,
        nodes,
        cpu.cores,
        start,
        cloudInit?.addresses[0]?.ip,
      ]),
    ).toEqual([
      ['a', 201, ['pve3'], 2, true, '10.0.0.11/24'],
      ['b', 202, ['pve3'], 4, true, '10.0.0.12/24'],
    ])
  })

  it('are taken from variables for all of them', () => {
    const { machines, notes } = convert(`${IMAGES}
proxmox_api_host: pve.lan
proxmox_api_token_secret: "{{ vault_token }}"
proxmox_node: pve7
proxmox_bridge: vmbr7
proxmox_storage: fast
ciuser: ops
vms: [{ name: a, image: debian }]
`)
    expect(machines[0]).toMatchObject({
      nodes: ['pve7'],
      networks: [{ bridge: 'vmbr7' }],
      storage: { images: 'local', disks: 'fast' },
      cloudInit: { user: 'ops' },
    })
    expect(notes).toEqual([
      'proxmox_api_host was left out: the connection comes from PVE_ENDPOINT, PVE_TOKEN_ID and PVE_TOKEN_SECRET in the environment.',
      'proxmox_api_token_secret was left out: the connection comes from PVE_ENDPOINT, PVE_TOKEN_ID and PVE_TOKEN_SECRET in the environment.',
    ])
  })
})

describe('tasks of proxmox_kvm', () => {
  it('are converted to machines, cloned from an existing template', () => {
    const { machines, images, notes } = convert(`
- hosts: localhost
  vars: { node: pve9, template_name: debian12 }
  tasks:
    - block:
        - community.general.proxmox_kvm: { api_host: x, node: "{{ node }}", clone: "{{ template_name }}", name: app, newid: 301, full: true, timeout: 60 }
    - community.proxmox.proxmox_kvm: { node: "{{ node }}", name: app, cores: 2, memory: 4096, update: true, net: { net0: "virtio,bridge=vmbr4" }, ipconfig: { ipconfig0: ip=dhcp }, nameservers: [9.9.9.9], tags: [web] }
    - community.general.proxmox_kvm: { name: "{{ item }}", state: started }
`)
    expect(images.get('debian12')).toMatchObject({ kind: 'template', template: { name: 'debian12' } })
    expect(machines).toHaveLength(1)
    expect(machines[0]).toMatchObject({
      name: 'app',
      vmid: 301,
      nodes: ['pve9'],
      fullClone: true,
      cpu: { cores: 2 },
      memory: { memoryMiB: 4096 },
      networks: [{ bridge: 'vmbr4' }],
      tags: ['web'],
      cloudInit: { addresses: [{ ip: 'dhcp' }], nameservers: ['9.9.9.9'] },
    })
    expect(notes.map((note) => note.split(' was left out')[0])).toEqual([
      'vms.app.api_host',
      'vms.app.timeout',
      'vms.app.update',
      'images.debian12 is the template debian12, which must exist.',
    ])
  })
})

it('reports what a file without tasks should contain', () => {
  expect(() => fromAnsible('nothing: here\n', 'vars.yml', PLACES)).toThrow(
    expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('tasks of the module proxmox_kvm') }),
  )
})

describe('an image that the file does not hold', () => {
  it.each([
    ['distro: debian12', 'debian-12'],
    ['distribution: "Ubuntu 22.04 LTS"', 'ubuntu-22.04'],
    ['os_image: noble', 'ubuntu-24.04'],
    ['image: rocky9', 'rocky-9'],
  ])('is a known one: %s', (words, name) => {
    const { machines, images, notes } = convert(`vms: [{ name: web, cores: 2, ${words} }]\n`)
    expect(machines[0]?.image).toBe(name)
    expect([...images.keys()]).toEqual([name])
    expect(notes).toEqual([])
  })

  it.each([
    ['', 'none'],
    [', distro: plan9', 'plan9'],
  ])('is replaced where it is unknown, and the manifest can be planned%s', (words, named) => {
    const { machines, notes } = convert(`vms: [{ name: web, cores: 2${words} }]\n`)
    expect(machines[0]?.image).toBe('debian-13')
    expect(notes).toEqual([`vms.web.image (${named}) is not in \`images\`: debian-13 is used instead.`])
  })
})

describe('keys that Ansible looks up', () => {
  it.each([
    [`lookup('file', '~/.ssh/id.pub')`, '~/.ssh/id.pub'],
    [`lookup("ansible.builtin.file", "files/" + 'id.pub')`, 'files/id.pub'],
    [`lookup('file', lookup('env', 'HOME') + '/.ssh/id.pub')`, '~/.ssh/id.pub'],
    [`lookup('file', ansible_env.HOME ~ '/.ssh/id.pub')`, '~/.ssh/id.pub'],
    [`lookup('file', playbook_dir + '/id.pub') | trim`, './id.pub'],
  ])('%s is a file', (words, file) => {
    const { manifest, notes } = convert(
      `${IMAGES}vms: [{ name: web, image: debian, sshkeys: ${JSON.stringify(`{{ ${words} }}`)} }]\n`,
    )
    expect(manifest).toContain(`- file: ${file}\n`)
    expect(notes).toEqual([])
  })

  it('from a source that only Ansible supports are left out, with a replacement', () => {
    const sshkeys = JSON.stringify(`{{ lookup('file', key_folder + '/id.pub') }}`)
    expect(convert(`${IMAGES}vms: [{ name: web, image: debian, sshkeys: ${sshkeys} }]\n`).notes).toEqual([
      'vms.web.sshkeys was left out: only Ansible knows its value; write the value, or use "${env:NAME}".',
    ])
  })
})

it('reports invalid YAML with its own messages', () => {
  expect(() => fromAnsible('vms:\n  - name: web: 1\n', 'vars.yml', PLACES)).toThrow(
    'vars.yml:2:11: This is not valid YAML. The value of `name` contains a colon, so it needs quotes: `name: "web: 1"`.',
  )
})

describe('tasks of proxmox_kvm', () => {
  it('in a loop become a machine for each entry', () => {
    const { machines, notes } = convert(`
- hosts: localhost
  vars:
    machines_of_mine:
      - { name: n1, target: pve1, mem: 2048, ip: 10.0.0.21 }
      - { name: n2, target: pve2, mem: 4096, ip: 10.0.0.22, cpu: 4 }
  tasks:
    - name: make them
      community.proxmox.proxmox_kvm:
        name: "{{ vm.name }}"
        node: "{{ vm['target'] }}"
        clone: golden
        cores: "{{ vm.cpu | default(2) }}"
        memory: "{{ vm.mem | int }}"
        pool: "{{ vm.pool | default(omit) }}"
        ipconfig: { ipconfig0: "ip={{ vm.ip }}/24,gw=10.0.0.1" }
      loop: "{{ machines_of_mine }}"
      loop_control: { loop_var: vm }
    - proxmox_kvm: { name: "{{ item }}", state: started }
      with_items: [n2]
`)
    expect(notes).toEqual(['images.golden is the template golden, which must exist.'])
    expect(machines).toMatchObject([
      { name: 'n1', nodes: ['pve1'], cpu: { cores: 2 }, memory: { memoryMiB: 2048 } },
      { name: 'n2', nodes: ['pve2'], cpu: { cores: 4 }, memory: { memoryMiB: 4096 }, start: true },
    ])
    expect(machines.map(({ cloudInit }) => cloudInit?.addresses[0]?.ip)).toEqual(['10.0.0.21/24', '10.0.0.22/24'])
  })

  it('with values that only Ansible knows stay one machine, with a note for each', () => {
    const { machines, notes } = convert(`
tasks:
  - proxmox_kvm: { name: web, clone: golden, cores: "{{ item.cores | product }}" }
    loop: "{{ query('inventory_hostnames', 'all') }}"
`)
    expect(machines.map(({ name }) => name)).toEqual(['web'])
    expect(notes).toContainEqual(expect.stringMatching(/^vms\.web\.cores was left out: only Ansible knows/))
  })

  it('of other modules are named with what to write instead', () => {
    const { notes } = convert(`${IMAGES}
tasks:
  - proxmox_kvm: { name: web, memory: 2048 }
  - community.proxmox.proxmox_disk: { name: web, disk: scsi1, size: 10 }
  - community.general.proxmox_nic: { name: web, interface: net1 }
  - community.proxmox.proxmox_snap: { vmid: 100 }
`)
    expect(notes.filter((note) => note.startsWith('Tasks of'))).toEqual([
      'Tasks of community.proxmox.proxmox_disk were left out: add it to `disk` and `disks` of its machine.',
      'Tasks of community.general.proxmox_nic were left out: add it to `network` of its machine.',
      'Tasks of community.proxmox.proxmox_snap were left out: pve-provision makes machines from images, and nothing else.',
    ])
  })
})

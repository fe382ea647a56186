// The rules' answers to valid and invalid requests, with Proxmox's texts.
import { describe, expect, test } from 'vitest'
import { checkParameters, type ParameterValue, type ProxmoxVersion } from '../../src/schema/index.ts'

const UNKNOWN = 'property is not defined in schema and the schema does not allow additional properties'

const create = (parameters: Record<string, ParameterValue>, version: ProxmoxVersion = '8.4') =>
  checkParameters({ method: 'POST', path: '/nodes/pve/qemu', parameters: { vmid: '100', ...parameters }, version })

const faults = (parameters: Record<string, ParameterValue>, version: ProxmoxVersion = '8.4') =>
  create(parameters, version)?.errors

describe('finding the method', () => {
  test('a path names its parameters', () => {
    const found = checkParameters({ method: 'GET', path: '/nodes/pve/qemu/100/config', parameters: {}, version: '9.2' })
    expect(found).toMatchObject({
      route: { template: '/nodes/{node}/qemu/{vmid}/config', captures: { node: 'pve', vmid: '100' } },
      values: { node: 'pve', vmid: '100' },
      errors: {},
    })
  })

  test('a volume id keeps its slashes, doubled slashes do not count', () => {
    const path = '//nodes/pve//storage/local/content/local:import/x.qcow2'
    const found = checkParameters({ method: 'GET', path, parameters: {}, version: '8.4' })
    expect(found?.route.captures).toEqual({ node: 'pve', storage: 'local', volume: 'local:import/x.qcow2' })
  })

  test.each([
    ['GET', '/nosuch'],
    ['GET', '/nodes/pve/qemu/100/agent/ping'],
    ['GET', '/nodes/pve/qemu/100/config/more'],
    ['GET', '/nodes/p e/qemu'],
    ['TRACE', '/version'],
  ])('there is no %s %s', (method, path) => {
    expect(checkParameters({ method, path, parameters: {}, version: '8.4' })).toBeUndefined()
  })

  test('version 8 does not know what version 9 added', () => {
    const request = { method: 'GET', path: '/cluster/ha/rules', parameters: {} }
    expect(checkParameters({ ...request, version: '8.4' })).toBeUndefined()
    expect(checkParameters({ ...request, version: '9.2' })).toBeDefined()
  })

  test('a parameter that contradicts the path is refused first, an equal one is accepted', () => {
    const request = { method: 'PUT', path: '/nodes/pve/qemu/100/config', version: '8.4' } as const
    const conflict = checkParameters({ ...request, parameters: { vmid: '101', bogus: '1' } })
    expect(conflict?.errors).toEqual({ vmid: 'duplicate parameter (already defined in URI) with conflicting values!' })
    expect(checkParameters({ ...request, parameters: { vmid: '100' } })?.errors).toEqual({})
  })
})

describe('what a parameter may be', () => {
  test('all errors are reported at once', () => {
    expect(faults({ vmid: '99', bogus: '1', memory: 'x', cores: '0', onboot: 'yes', ostype: 'beos' })).toEqual({
      vmid: 'invalid format - value does not look like a valid VM ID\n',
      bogus: UNKNOWN,
      memory: "invalid format - format error\nmemory.current: type check ('integer') failed - got 'x'\n",
      cores: 'value must have a minimum value of 1',
      onboot: "type check ('boolean') failed - got 'yes'",
      ostype: expect.stringMatching(/^value 'beos' does not have a value in the enumeration 'other, wxp, /),
    })
  })

  test('numbered keys end at the limit of Proxmox', () => {
    expect(faults({ net31: 'virtio', scsi30: 'local:1', ide3: 'none', usb13: 'spice', ipconfig31: 'ip=dhcp' })).toEqual(
      {},
    )
    expect(faults({ net32: 'virtio', scsi31: 'local:1', ide4: 'none', net01: 'virtio' })).toEqual({
      net32: UNKNOWN,
      scsi31: UNKNOWN,
      ide4: UNKNOWN,
      net01: UNKNOWN,
    })
  })

  test('names from Object.prototype are unknown parameters', () => {
    expect(faults(JSON.parse('{"constructor":"1","__proto__":"1","toString":"1"}'))).toMatchObject({
      constructor: UNKNOWN,
    })
    expect(faults({ net0: 'virtio,constructor=1' })?.net0).toBe(
      `invalid format - format error\nnet0.constructor: ${UNKNOWN}\n`,
    )
  })

  test('JSON values have types, and some types are refused', () => {
    expect(create({ onboot: true, cores: 2, tags: null })?.values).toMatchObject({ onboot: '1', cores: '2' })
    expect(create({ onboot: true, tags: null })?.failure).toBe("unable to parse value of 'tags' - got undefined value")
    expect(faults({ onboot: 'true', cores: true, name: { a: 1 }, memory: ['1', '2'] })).toEqual({
      onboot: "type check ('boolean') failed - got 'true'",
      cores: "type check ('integer') failed - got JSON::PP::Boolean",
      name: "type check ('string') failed - got HASH",
      memory: "type check ('string') failed - got ARRAY",
    })
  })

  test('a list may be an array, and a single word is a list', () => {
    const config = { method: 'PUT', path: '/nodes/pve/qemu/100/config', version: '8.4' } as const
    expect(checkParameters({ ...config, parameters: { delete: ['tags', 'net0'] } })?.values).toMatchObject({
      delete: 'tags,net0',
    })
    const exec = { method: 'POST', path: '/nodes/pve/qemu/100/agent/exec', version: '8.4' } as const
    expect(checkParameters({ ...exec, parameters: { command: 'ls' } })?.values).toMatchObject({ command: ['ls'] })
  })

  test('a required companion parameter is reported under the name of the other', () => {
    const request = {
      method: 'POST',
      path: '/nodes/pve/storage/local/download-url',
      parameters: { content: 'iso', filename: 'a.iso', url: 'http://a/', checksum: '0' },
    } as const
    expect(checkParameters({ ...request, version: '8.4' })?.errors).toEqual({
      'checksum-algorithm': "missing property - 'checksum' requires this property",
    })
    expect(checkParameters({ ...request, version: '9.2' })?.errors).toEqual({
      'checksum-algorithm': "missing property required by 'checksum'",
    })
  })

  test('a limit counts characters, not bytes', () => {
    expect(faults({ description: 'ü'.repeat(8192) })).toEqual({})
    expect(faults({ description: 'ü'.repeat(8193) })).toEqual({ description: 'value may only be 8192 characters long' })
  })
})

describe('property strings', () => {
  test.each([
    { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=yes' },
    { net0: 'model=virtio,macaddr=BC:24:11:00:00:01' },
    { scsi0: 'local:100/vm-100-disk-0.qcow2,discard=on,ssd=1,iothread=on' },
    { scsi0: 'volume=local:1,,' },
    { ide2: 'none,media=cdrom' },
    { cdrom: 'none' },
    { boot: 'order=scsi0;net0' },
    { boot: 'cdn' },
    { cpu: 'x86-64-v2-AES,flags=+aes;-pcid' },
    { agent: '1,fstrim_cloned_disks=yes' },
    { startup: 'order=1,up=30' },
    { hotplug: 'disk,network' },
    { ipconfig0: 'ip=10.0.0.5/24,gw=10.0.0.1,ip6=auto' },
    { hostpci0: '0000:00:02.0,pcie=1' },
    { tags: 'a;b c,D' },
    { sshkeys: 'ssh-ed25519%20AAAA%20a%40b' },
  ])('accepted: %o', (parameters) => {
    expect(faults(parameters)).toEqual({})
    expect(faults(parameters, '9.2')).toEqual({})
  })

  const format = (text: string) => `invalid format - ${text}`

  test('a name of a storage that is too short is refused in other words since 9', () => {
    expect(faults({ storage: 'a' }, '9.2')?.storage).toBe(
      format("storage ID 'a' cannot be shorter than 2 characters\n"),
    )
    expect(faults({ storage: 'ab' }, '9.2')).toEqual({})
  })

  test.each([
    ['net0', 'virtio,virtio=BC:24:11:00:00:01', "key alias 'model' is already defined\n"],
    ['net0', 'virtio,model=e1000', 'duplicate key in comma-separated list property: model\n'],
    ['net0', 'virtio,nosuch=1', `format error\nnet0.nosuch: ${UNKNOWN}\n`],
    ['net0', '=x', 'missing key in comma-separated list property\n'],
    ['net0', 'e1000,e1000', 'duplicate key in comma-separated list property: model\n'],
    ['net0', 'virtio,tag=4095', 'format error\nnet0.tag: value must have a maximum value of 4094\n'],
    ['net0', 'bridge=vmbr0', 'format error\nnet0.model: property is missing and it is not optional\n'],
    ['ipconfig0', 'dhcp', 'value without key, but schema does not define a default key\n'],
    [
      'ipconfig0',
      'gw=10.0.0.1',
      "format error\nipconfig0.ip: missing property - 'ipconfig0.gw' requires this property\n",
    ],
    ['boot', 'order=scsi0;floppy', "format error\nboot.order: invalid format - invalid boot device 'floppy'\n\n"],
    ['cpu', 'pentium9', "Built-in cputype 'pentium9' is not defined (missing 'custom-' prefix?)\n"],
    ['cpu', 'host,flags=+avx9', /^VM-specific CPU flags must be a subset of: pcid, /],
    ['startup', 'soon', 'unable to parse startup options\n'],
    ['hotplug', 'disk,floppy', "invalid hotplug feature 'floppy'\n"],
    ['scsi0', 'local', "format error\nscsi0.file: invalid format - unable to parse volume ID 'local'\n\n"],
    ['sshkeys', 'ssh-ed25519 AAAA', 'invalid urlencoded string: ssh-ed25519 AAAA\n'],
    ['storage', 'a', "storage ID 'a' contains illegal characters\n"],
  ])('refused: %s %s', (name, value, text) => {
    const fault = faults({ [name]: value })?.[name]
    if (typeof text === 'string') expect(fault).toBe(format(text))
    else expect(fault?.slice(format('').length)).toMatch(text)
  })

  test('only version 9 accepts a word for true without its key', () => {
    expect(faults({ agent: 'yes' })?.agent).toContain("agent.enabled: type check ('boolean') failed - got 'yes'")
    expect(faults({ agent: 'yes' }, '9.2')).toEqual({})
    expect(faults({ agent: 'enabled=yes' })).toEqual({})
  })
})

describe('formats of other families', () => {
  const role = (privs: string, version: ProxmoxVersion) =>
    checkParameters({ method: 'POST', path: '/access/roles', parameters: { roleid: 'r', privs }, version })?.errors

  test('VM.Monitor ended with 8', () => {
    expect(role('VM.Monitor VM.Audit', '8.4')).toEqual({})
    expect(role('VM.Monitor', '9.2')).toEqual({ privs: "invalid format - invalid privilege 'VM.Monitor'\n" })
  })

  test.each([
    ['/pools', { poolid: 'a/b/c' }, {}],
    ['/pools', { poolid: 'ä' }, { poolid: "invalid format - pool name 'ä' contains invalid characters\n" }],
    ['/access/users', { userid: 'me@pve', email: '' }, {}],
    ['/access/users', { userid: 'me' }, { userid: "invalid format - user name 'me' is too short\n" }],
    ['/cluster/ha/resources', { sid: 'vm:100' }, {}],
    [
      '/storage',
      { storage: 'fast', type: 'dir', path: 'relative' },
      { path: 'invalid format - value does not look like a valid absolute path\n' },
    ],
  ])('POST %s %o', (path, parameters, errors) => {
    expect(checkParameters({ method: 'POST', path, parameters, version: '8.4' })?.errors).toEqual(errors)
  })
})

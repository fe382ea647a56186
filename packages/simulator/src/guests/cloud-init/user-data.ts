// User-data as Proxmox generates it (qemu-server `Cloudinit.pm:cloudinit_userdata`). Values are not quoted.
import { textOf, type VmSection } from '../../state/vm-config.ts'

/** `mask` hides the password, for callers who may not set it. */
export function userDocument(config: VmSection, { vmid, mask = false }: { vmid: number; mask?: boolean }): string {
  const text = (key: string): string | undefined => textOf(config, key)
  const user = text('ciuser')
  const password = text('cipassword')
  const { host, fullName } = hostName(config, vmid)
  const lines = [
    '#cloud-config',
    `hostname: ${host}`,
    'manage_etc_hosts: true',
    `fqdn: ${fullName}`,
    ...(user === undefined ? [] : [`user: ${user}`]),
    ...(user === 'root' ? ['disable_root: False'] : []),
    ...(password === undefined ? [] : [`password: ${mask ? '**********' : password}`]),
    ...keyLines(text('sshkeys')),
    'chpasswd:',
    '  expire: False',
    ...(user === 'root' ? [] : ['users:', '  - default']),
    ...(text('ciupgrade') === '0' ? [] : ['package_upgrade: true']),
  ]
  return `${lines.join('\n')}\n`
}

/** A name with a dot is already the full name. */
export function hostName(config: VmSection, vmid: number): { readonly host: string; readonly fullName: string } {
  const name = textOf(config, 'name') ?? `VM${vmid}`
  if (name.includes('.')) return { host: name.replace(/\..*$/, ''), fullName: name }
  const domain = textOf(config, 'searchdomain')
  return { host: name, fullName: domain === undefined ? name : `${name}.${domain}` }
}

/** Returns the lines of `sshkeys`, which is percent-encoded. */
export function keysOf(sshkeys: string | undefined): readonly string[] {
  return decodeURIComponent(sshkeys ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

function keyLines(sshkeys: string | undefined): readonly string[] {
  if (sshkeys === undefined) return []
  return ['ssh_authorized_keys:', ...keysOf(sshkeys).map((key) => `  - ${key}`)]
}

// The variables of the role that came before → an equivalent manifest, with a note for whatever could not be carried over.
import { ProvisionError } from '@pve-provision/core'
import { parse, stringify } from 'yaml'

export interface Converted {
  readonly text: string
  readonly notes: readonly string[]
}

/** A scalar as text; nothing for what is none. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

interface RoleVariables {
  readonly proxmox_cloud_init_images?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly proxmox_dirs?: Readonly<Record<string, unknown>>
  readonly vms?: readonly Readonly<Record<string, unknown>>[]
}

const KNOWN = ['proxmox_cloud_init_images', 'proxmox_dirs', 'vms']

/** @throws ProvisionError `MANIFEST` when the file holds none of the role's variables */
export function fromAnsible(text: string, file: string): Converted {
  const variables = (parse(text) ?? {}) as RoleVariables & Readonly<Record<string, unknown>>
  if (typeof variables !== 'object' || !KNOWN.some((key) => key in variables)) {
    throw new ProvisionError('MANIFEST', `${file} has none of the role's variables.`, {
      hint: `It should hold ${KNOWN.join(', ')}.`,
    })
  }
  const notes: string[] = []
  const images = imagesOf(variables, notes)
  const vms = machinesOf(variables, { images: Object.keys(images), notes })
  for (const key of Object.keys(variables))
    if (!KNOWN.includes(key)) notes.push(`${key} was left out: there is nothing like it here.`)
  if (variables.proxmox_dirs?.isos) {
    notes.push(
      `proxmox_dirs.isos (${textOf(variables.proxmox_dirs.isos)}) became storage "local": images go through Proxmox's API, not into a folder.`,
    )
  }
  const manifest = {
    project: 'migrated',
    images,
    defaults: { node: 'pve', storage: { images: 'local', disks: 'local-lvm' }, network: { bridge: 'vmbr0' } },
    vms,
  }
  notes.push('node, storages and bridge in `defaults` are guesses: look at them before you plan.')
  return { text: `# From ${file}\n${stringify(manifest, { lineWidth: 0 })}`, notes }
}

function imagesOf({ proxmox_cloud_init_images: given = {} }: RoleVariables, notes: string[]): Record<string, object> {
  const entries = Object.entries(given).map(([name, image]) => {
    const url = textOf(image.url)
    for (const key of Object.keys(image))
      if (!['name', 'url', 'checksum'].includes(key)) notes.push(`images.${name}.${key} was left out.`)
    const checksum =
      image.checksum === undefined ? guessChecksum(url) : textOf(image.checksum).replace(/^(sha\d+)[:=]?/, '$1:')
    if (image.checksum === undefined)
      notes.push(`images.${name}.checksum is a guess (the role checked nothing): look whether ${checksum} exists.`)
    return [name.replaceAll(/[^a-zA-Z0-9_.-]/g, '-'), { url, checksum }] as const
  })
  return Object.fromEntries(entries)
}

/** Where vendors keep their checksum documents, by what their addresses look like. */
function guessChecksum(url: string): string {
  const beside = (name: string) => url.slice(0, url.lastIndexOf('/') + 1) + name
  if (url.includes('debian')) return beside('SHA512SUMS')
  if (url.includes('ubuntu')) return beside('SHA256SUMS')
  if (/rocky|alma/i.test(url)) return beside('CHECKSUM')
  if (url.includes('centos')) return `${url}.SHA256SUM`
  if (/archlinux|pkgbuild/.test(url)) return `${url}.SHA256`
  if (/suse/.test(url)) return `${url}.sha256`
  return beside('SHA256SUMS')
}

/** The role's words for a machine, and ours. Sizes there are MiB and GiB without a unit. */
const KEYS: Readonly<Record<string, (value: unknown) => Readonly<Record<string, unknown>>>> = {
  vmid: (value) => ({ vmid: Number(value) }),
  cores: (value) => ({ cores: Number(value) }),
  sockets: (value) => ({ sockets: Number(value) }),
  memory: (value) => ({ memory: `${Number(value)} MiB` }),
  node: (value) => ({ node: textOf(value) }),
  storage: (value) => ({ storage: { images: 'local', disks: textOf(value) } }),
  bridge: (value) => ({ network: { bridge: textOf(value) } }),
  disk_size: (value) => ({ disk: diskSize(value) }),
  disk: (value) => ({ disk: diskSize(value) }),
  onboot: (value) => ({ onBoot: Boolean(value) }),
  start: (value) => ({ start: Boolean(value) }),
  state: (value) => ({ start: value === 'started' || value === 'running' }),
  tags: (value) => ({ tags: Array.isArray(value) ? value.map(textOf) : textOf(value).split(/[;, ]+/) }),
  description: (value) => ({ description: textOf(value) }),
}

const CLOUD_INIT: Readonly<Record<string, (value: unknown) => Readonly<Record<string, unknown>>>> = {
  ciuser: (value) => ({ user: textOf(value) }),
  sshkeys: (value) => ({ sshKeys: textOf(value).trim().split('\n') }),
  ip: (value) => ({ ip: textOf(value) }),
  gateway: (value) => ({ gateway: textOf(value) }),
}

function diskSize(value: unknown): string {
  return /^\d+$/.test(textOf(value))
    ? `${textOf(value)} GiB`
    : textOf(value).replace(
        /^(\d+) ?([MGT])(i?B)?$/i,
        (_match, amount: string, unit: string) => `${amount} ${unit.toUpperCase()}iB`,
      )
}

function machinesOf(
  { vms = [] }: RoleVariables,
  { images, notes }: { readonly images: readonly string[]; readonly notes: string[] },
) {
  return Object.fromEntries(
    vms.map((vm, index) => {
      const name = (textOf(vm.name) || `vm-${index + 1}`).replaceAll('_', '-')
      const image = textOf(vm.image ?? vm.distribution ?? vm.template ?? images[0])
      if (!images.includes(image)) notes.push(`vms.${name}.image (${image || 'none'}) is not among the images.`)
      return [name, { image: images.includes(image) ? image : (images[0] ?? image), ...carriedOver(name, vm, notes) }]
    }),
  )
}

function carriedOver(name: string, vm: Readonly<Record<string, unknown>>, notes: string[]): Record<string, unknown> {
  const machine: Record<string, unknown> = {}
  const cloudInit: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(vm)) {
    if (['name', 'image', 'distribution', 'template'].includes(key)) continue
    if (key in CLOUD_INIT) Object.assign(cloudInit, CLOUD_INIT[key]?.(value))
    else if (key in KEYS) Object.assign(machine, KEYS[key]?.(value))
    else if (key === 'cipassword')
      notes.push(`vms.${name}.cipassword was left out: give it as cloudInit.password: "\${env:NAME}".`)
    else notes.push(`vms.${name}.${key} was left out.`)
  }
  return { ...machine, ...(Object.keys(cloudInit).length > 0 && { cloudInit }) }
}

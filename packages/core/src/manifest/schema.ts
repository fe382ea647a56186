// The manifest as a user writes it: one source for the types, the validation and the published JSON Schema.
import { z } from 'zod'
import { holdsPublicKeys, PUBLIC_KEY_WANTED } from './public-key.ts'

const SIZE = /^(\d+(?:\.\d+)?) ?(MiB|GiB|TiB|M|G|T|MB|GB|TB)$/

/** A size with its unit, as Proxmox counts: powers of 1024 whichever way the unit is written. */
const size = z
  .string({ error: 'must be a size with a unit, such as "2 GiB"' })
  .regex(SIZE, 'must be a size with a unit, such as "2 GiB" or "512 MiB"')
  .meta({ description: 'A size with its unit: "2 GiB", "512 MiB". Units are powers of 1024.', examples: ['2 GiB'] })

const dnsLabel = /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/
const dnsName = z
  .string()
  .max(253)
  .refine((name) => name.split('.').every((label) => dnsLabel.test(label)), {
    message: 'must be a valid DNS name: letters, digits and hyphens, no hyphen first or last',
  })
const nodeName = z.string().regex(dnsLabel, 'must be the name of a node: letters, digits and hyphens')
const storageName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]$/, 'must be the name of a storage, such as "local-lvm"')
const webUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .meta({ description: 'An http or https address.' })
const digest = z
  .string()
  .regex(
    /^(sha256:[0-9a-fA-F]{64}|sha512:[0-9a-fA-F]{128})$/,
    'must be "sha256:" and 64 or "sha512:" and 128 hex digits',
  )
const tag = z
  .string()
  .regex(
    /^[a-zA-Z0-9_][a-zA-Z0-9_\-+.]*$/,
    'must be a tag Proxmox accepts: letters, digits, "_", "-", "+", "."; "_", a letter or a digit first',
  )
const vmid = z.int().min(100).max(999_999_999)
const seconds = z.int().min(0)

const signature = z.strictObject({
  url: webUrl
    .optional()
    .meta({ description: 'Detached signature over the checksum document; left out when the document is clearsigned.' }),
  keys: z.array(z.string().min(1)).min(1).meta({
    description: 'Armoured OpenPGP public keys, or the paths of files that hold them, relative to the manifest.',
  }),
})

const imageSchema = z
  .strictObject({
    url: webUrl.meta({ description: 'Where the vendor publishes the image.' }),
    mirrors: z
      .array(webUrl)
      .default([])
      .meta({ description: 'Further addresses of the same bytes, tried in this order.' }),
    checksum: z
      .union([digest, webUrl], { error: 'must be "sha256:…", "sha512:…" or the address of a checksum document' })
      .optional()
      .meta({
        description:
          'A pinned digest, or the address of the checksum document that lists the image. Left out where the vendor publishes none: then `pve-provision pin` must have measured the image, and apply uses exactly those bytes.',
      }),
    signature: signature.optional().meta({ description: 'Require an OpenPGP signature over the checksum document.' }),
    format: z
      .enum(['qcow2', 'raw'])
      .optional()
      .meta({ description: 'Format wanted on the storage. Left out: as the vendor ships it.' }),
    convert: z.enum(['auto', 'runner', 'proxmox']).default('auto').meta({
      description:
        'Who converts when the format differs: "auto" leaves it to Proxmox where its import converts anyway.',
    }),
    route: z.enum(['auto', 'pull', 'push', 'local']).default('auto').meta({
      description:
        'How the bytes reach the storage: Proxmox fetches, this machine sends, or writes into the directory.',
    }),
  })
  .meta({ description: 'A cloud image.' })

const diskFields = {
  cache: z
    .enum(['none', 'writethrough', 'writeback', 'directsync', 'unsafe'])
    .optional()
    .meta({ description: 'How the host caches this disk. Left out: as Proxmox does, which is none.' }),
  discard: z.boolean().optional().meta({ description: 'Pass on what the guest frees, so that thin storages shrink.' }),
  ssd: z.boolean().optional().meta({ description: 'Tell the guest that it is an SSD.' }),
  ioThread: z.boolean().optional().meta({ description: 'A thread of its own for this disk.' }),
  backup: z.boolean().optional().meta({ description: 'Whether backups take it in.' }),
}
const bootDisk = z
  .union([size, z.strictObject({ size: size.optional(), ...diskFields })], {
    error: 'must be a size such as "20 GiB", or a disk',
  })
  .meta({ description: "The boot disk: a size, or a disk's settings. It grows, it never shrinks." })
const extraDisk = z.strictObject({
  size,
  storage: storageName.optional().meta({ description: 'Where it lies. Left out: `storage.disks` of the machine.' }),
  ...diskFields,
})

const network = z
  .strictObject({
    bridge: z
      .string()
      .regex(/^[a-zA-Z][a-zA-Z0-9_.-]*$/, 'must be the name of a bridge, such as "vmbr0"')
      .meta({ description: 'A bridge or a VNet of the node.' }),
    model: z
      .enum(['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3'])
      .default('virtio')
      .meta({ description: 'Network card that the guest sees.' }),
    vlan: z.int().min(1).max(4094).optional().meta({ description: 'VLAN tag.' }),
    mac: z
      .string()
      .regex(
        /^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}$/,
        'must be a unicast MAC address such as "BC:24:11:00:00:01"',
      )
      .optional()
      .meta({ description: 'Left out: Proxmox makes one, which then stays.' }),
    firewall: z.boolean().optional().meta({ description: 'Let the Proxmox firewall filter this card.' }),
    rate: z.number().min(0).optional().meta({ description: 'Limit in MB/s.' }),
    mtu: z.int().min(1).max(65520).optional().meta({ description: '1 takes over the MTU of the bridge.' }),
  })
  .meta({ description: 'A network card.' })

const IP4_WANTED = 'must be "dhcp" or an IPv4 address with its prefix, such as "10.0.0.5/24"'
const IP6_WANTED = 'must be "dhcp", "auto" or an IPv6 address with its prefix, such as "2001:db8::5/64"'
const ip4 = z.union([z.literal('dhcp'), z.cidrv4({ error: IP4_WANTED })], { error: IP4_WANTED })
const ip6 = z.union([z.enum(['dhcp', 'auto']), z.cidrv6({ error: IP6_WANTED })], { error: IP6_WANTED })
const publicKey = z.string().refine(holdsPublicKeys, { error: PUBLIC_KEY_WANTED })
const addressFields = {
  ip: ip4.optional().meta({ description: '"dhcp", or an address with its prefix: "10.0.0.5/24".' }),
  gateway: z.ipv4({ error: 'must be an IPv4 address' }).optional().meta({ description: 'IPv4 gateway.' }),
  ip6: ip6.optional().meta({ description: '"auto", "dhcp", or an address with its prefix.' }),
  gateway6: z.ipv6({ error: 'must be an IPv6 address' }).optional().meta({ description: 'IPv6 gateway.' }),
}
const address = z.strictObject(addressFields)

const document = z
  .union([z.string(), z.strictObject({ file: z.string().min(1) })], { error: 'must be a text, or { file: PATH }' })
  .meta({ description: 'The document itself, or { file: PATH } relative to the manifest.' })

const cloudInit = z
  .strictObject({
    user: z
      .string()
      .regex(/^[a-z_][a-z0-9_-]*\$?$/i, 'must be a user name')
      .optional()
      .meta({ description: 'The user that cloud-init makes. Left out: the one of the image.' }),
    password: z.string().min(1).optional().meta({ description: 'Better given as "${env:NAME}" than written down.' }),
    sshKeys: z
      .array(
        z.union([publicKey, z.strictObject({ file: z.string() }), z.strictObject({ url: webUrl })], {
          error: PUBLIC_KEY_WANTED,
        }),
      )
      .optional()
      .meta({ description: 'Public keys: text, { file: PATH } or { url: ADDRESS }.' }),
    ...addressFields,
    addresses: z
      .array(address)
      .optional()
      .meta({ description: 'One entry a network, in order. Instead of ip, gateway, ip6, gateway6.' }),
    dns: z
      .strictObject({
        servers: z
          .array(z.union([z.ipv4(), z.ipv6()], { error: 'must be an IP address' }))
          .optional()
          .meta({ description: 'Addresses of name servers. Left out: those of the node.' }),
        domain: dnsName.optional().meta({ description: 'Where short names are looked for.' }),
      })
      .optional()
      .meta({ description: 'Name servers and search domain.' }),
    upgrade: z.boolean().optional().meta({ description: 'Upgrade packages on first boot.' }),
    userData: document.optional(),
    networkConfig: document.optional(),
    vendorData: document.optional(),
  })
  .meta({ description: 'What cloud-init is told. Custom documents are put on a NoCloud ISO; no SSH, no snippets.' })

const waitSeconds = seconds.meta({ description: 'How long at most. Left out: 180.' })
const wait = z
  .union(
    [
      z.enum(['none', 'agent']),
      z.strictObject({
        agent: z.literal(true).meta({ description: 'Until the guest agent answers, and tells addresses.' }),
        seconds: waitSeconds.optional(),
      }),
      z.strictObject({
        port: z.int().min(1).max(65535).meta({ description: 'Until this TCP port answers from here, such as 22.' }),
        seconds: waitSeconds.optional(),
      }),
    ],
    { error: 'must be "none", "agent", { agent: true, seconds: N } or { port: N, seconds: N }' },
  )
  .meta({ description: 'What to wait for after the start. A deadline that passes is a warning.' })

/**
 * A mapping whose names must fit `name`. Names are checked beside their values, not as `record`'s key type: there a
 * wrong name would hide every problem about its value.
 */
function named<Value extends z.ZodType>(name: z.ZodType<string>, value: Value) {
  return z.record(z.string(), value).check(({ value: record, issues }) => {
    for (const key of Object.keys(record)) {
      const reason = name.safeParse(key).error?.issues[0]?.message
      if (reason !== undefined)
        issues.push({ code: 'custom', path: [key], input: key, message: reason, params: { isName: true } })
    }
  })
}

/** Everything that a machine and the defaults have in common. */
const machineFields = {
  image: z.string().min(1).optional().meta({ description: 'Name of an entry of `images`.' }),
  node: nodeName.optional().meta({ description: 'The node the machine is made on.' }),
  nodes: z.array(nodeName).min(1).optional().meta({ description: 'Nodes to spread over.' }),
  storage: z
    .strictObject({
      images: storageName.optional().meta({ description: 'File storage with content type "import".' }),
      disks: storageName.optional().meta({ description: 'Storage for disks.' }),
    })
    .optional()
    .meta({ description: 'Where its image and its disks lie.' }),
  cores: z.int().min(1).max(8192).optional().meta({ description: 'Cores a socket.' }),
  sockets: z.int().min(1).max(4).optional().meta({ description: 'CPU sockets. One is enough nearly always.' }),
  cpu: z
    .string()
    .regex(/^[a-zA-Z0-9_.-]+(,.*)?$/, 'must be a CPU type such as "host" or "x86-64-v2-AES"')
    .optional()
    .meta({ description: 'CPU that the guest sees, such as "host" or "x86-64-v2-AES".' }),
  numa: z.boolean().optional().meta({ description: 'Show the guest a NUMA topology.' }),
  memory: size.optional().meta({ description: 'A size with its unit: "2 GiB".' }),
  balloon: z
    .union([size, z.literal(false)], { error: 'must be a size, or false' })
    .optional()
    .meta({ description: 'The least memory it may be shrunk to; false: no ballooning.' }),
  disk: bootDisk.optional(),
  disks: z.array(extraDisk).max(29).optional().meta({ description: 'Further, empty disks.' }),
  network: z
    .union([network, z.array(network).max(32)], {
      error: 'must be a network such as { bridge: vmbr0 }, or a list of them',
    })
    .optional()
    .meta({ description: 'A network card, or a list of them in the order of the guest.' }),
  bios: z.enum(['seabios', 'ovmf']).optional().meta({ description: 'Firmware: `ovmf` is UEFI, and gets an EFI disk.' }),
  secureBoot: z.boolean().optional().meta({ description: 'Enrol the vendor keys in the EFI disk.' }),
  tpm: z.boolean().optional().meta({ description: 'A TPM 2.0.' }),
  machine: z
    .string()
    .regex(/^(pc|q35|pc-(i440fx|q35)-[\w.+-]+)$/, 'must be a machine type such as "q35"')
    .optional()
    .meta({ description: 'Chipset: pc, q35, or a pinned version of them.' }),
  osType: z
    .enum(['l26', 'l24', 'other', 'win11', 'win10', 'win8', 'win7', 'solaris'])
    .optional()
    .meta({ description: 'What Proxmox tunes for. l26 is any Linux of today.' }),
  serial: z.boolean().optional().meta({ description: 'A serial console, which most cloud images want. Default true.' }),
  agent: z.boolean().optional().meta({ description: 'Talk to the QEMU guest agent, which the image must hold.' }),
  boot: z
    .array(z.string().regex(/^(scsi|virtio|sata|ide|net)\d+$/, 'must be a device such as "scsi0"'))
    .optional()
    .meta({ description: 'Boot order: devices, such as [scsi0, net0].' }),
  onBoot: z.boolean().optional().meta({ description: 'Start it when its node boots.' }),
  startOrder: z
    .strictObject({
      order: z.int().min(0).optional().meta({ description: 'Lower starts first.' }),
      up: seconds.optional().meta({ description: 'Seconds until the next one starts.' }),
      down: seconds.optional().meta({ description: 'Seconds for it to shut down.' }),
    })
    .optional()
    .meta({ description: 'Needs Sys.Modify on /.' }),
  pool: z
    .string()
    .regex(/^[a-zA-Z0-9\-_.]+(\/[a-zA-Z0-9\-_.]+)*$/, 'must be the name of a pool')
    .optional()
    .meta({ description: 'The pool it is a member of. The pool must be there.' }),
  ha: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          group: z.string().optional().meta({ description: 'HA group, in Proxmox VE 8; since 9, say `nodes`.' }),
          nodes: z
            .array(
              z.string().regex(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:\d+)?$/, 'must be a node, or node:priority'),
            )
            .min(1)
            .optional()
            .meta({
              description: 'Since Proxmox VE 9: nodes it prefers, such as [pve1, "pve2:5"]; a higher number first.',
            }),
          strict: z.boolean().optional().meta({ description: 'It may run on no other nodes than these.' }),
          maxRestart: z.int().min(0).optional().meta({ description: 'Tries on its own node.' }),
          maxRelocate: z.int().min(0).optional().meta({ description: 'Tries on other nodes.' }),
        }),
      ],
      {
        error: 'must be true, false, or settings such as { maxRestart: 2 }',
      },
    )
    .optional()
    .meta({ description: 'Managed by the HA manager, which then starts and moves it; `false` takes it out again.' }),
  tags: z.array(tag).optional().meta({ description: 'Further tags beside ours.' }),
  description: z
    .string()
    .max(7000)
    .optional()
    .meta({ description: 'Notes, as Proxmox shows them. Ours are a line at their end.' }),
  protection: z
    .boolean()
    .optional()
    .meta({ description: 'Proxmox then refuses to remove the machine or its disks, and so do we.' }),
  cloudInit: cloudInit.optional(),
  start: z
    .boolean()
    .optional()
    .meta({ description: 'Whether it should run after an apply. A machine that runs is never stopped by this.' }),
  wait: wait.optional(),
  fullClone: z
    .boolean()
    .optional()
    .meta({ description: 'Copy the disk even where the storage can link it to the template.' }),
}

const machineEntry = z
  .strictObject({
    ...machineFields,
    vmid: vmid.optional().meta({ description: 'A fixed id. Left out: one from `vmids`, the same in every run.' }),
    count: z
      .int()
      .min(1, 'must be at least 1')
      .max(1000)
      .optional()
      .meta({ description: 'Makes NAME-1 to NAME-count.' }),
  })
  .meta({ description: 'A machine, or `count` equal ones.' })

const width = z.int().min(1).max(64)

/** The whole manifest. */
export const manifestSchema = z
  .strictObject({
    project: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens, at most 40')
      .meta({
        description: 'Whose machines these are. Nothing that does not carry this name is ever changed or removed.',
      }),
    images: named(
      z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/, 'must be letters, digits, "_", "-" and ".", at most 64'),
      imageSchema,
    ).meta({ description: 'Cloud images by name.' }),
    vmids: z
      .strictObject({
        from: vmid.meta({ description: 'The lowest id.' }),
        to: vmid.meta({ description: 'The highest id.' }),
      })
      .refine(({ from, to }) => from <= to, { message: '"from" must not be above "to"' })
      .default({ from: 20000, to: 29999 })
      .meta({ description: 'The range that ids are taken from.' }),
    defaults: z
      .strictObject(machineFields)
      .optional()
      .meta({ description: 'What every machine has unless it says otherwise.' }),
    vms: named(dnsName, machineEntry).meta({ description: 'Machines by name.' }),
    limits: z
      .strictObject({
        perStorage: width.default(3).meta({ description: 'Clones and imports onto one storage.' }),
        // As many as Proxmox's own bulk actions run at once (`max_workers`).
        perNode: width.default(4).meta({ description: 'Tasks on one node.' }),
        perTemplate: width.default(6).meta({ description: 'Clones of one template.' }),
        downloads: width.default(6).meta({ description: 'Images that are downloaded.' }),
        perHost: width.default(6).meta({ description: 'Connections to one vendor host.' }),
        connectionsPerImage: width.default(4).meta({ description: 'Connections that share one large image.' }),
        conversions: width.default(2).meta({ description: 'Conversions on this machine.' }),
        uploads: width.default(3).meta({ description: 'Images that are sent to Proxmox.' }),
      })
      .prefault({})
      .meta({ description: 'How much happens at once.' }),
  })
  .meta({ title: 'pve-provision manifest', description: 'Machines on Proxmox VE from cloud images.' })

export type ManifestDocument = z.output<typeof manifestSchema>
export type MachineDocument = ManifestDocument['vms'][string]
export type DefaultsDocument = NonNullable<ManifestDocument['defaults']>

/** The JSON Schema of the manifest, for editors. */
export function manifestJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(manifestSchema, { io: 'input' }) as Record<string, unknown>
}

/** Bytes of a size such as `2 GiB`. The schema has checked its form. */
export function sizeInBytes(text: string): number {
  const [, amount = '0', unit = 'M'] = SIZE.exec(text) ?? []
  const power = { M: 2, G: 3, T: 4 }[unit[0] ?? 'M'] ?? 2
  return Math.round(Number(amount) * 1024 ** power)
}

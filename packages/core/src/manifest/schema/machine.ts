// The schema of a machine, of the defaults and of profiles.
import { z } from 'zod'
import { cloudInit } from './cloud-init.ts'
import { bootDisk, cdrom, device, extraDisk, network, rng, smbios, vga, watchdog } from './hardware.ts'
import {
  amount,
  anyText,
  counted,
  dnsName,
  duration,
  flag,
  nodeName,
  oneOf,
  seconds,
  size,
  storageName,
  tag,
  text,
  vmid,
  whole,
  withoutUnit,
} from './values.ts'

const waitFields = {
  seconds: seconds.optional().meta({ description: 'How long at most. Left out: 180.' }),
  required: flag().optional().meta({
    description:
      'A deadline that passes is a failure, not a warning. Each run looks whether the answer is there, and waits where it is not.',
  }),
}
const wait = z
  .union(
    [
      oneOf(['none', 'agent']),
      z.strictObject({
        agent: z.literal(true).meta({ description: 'Until the guest agent answers, and tells addresses.' }),
        ...waitFields,
      }),
      z.strictObject({
        port: whole(1, 65_535).meta({ description: 'Until this TCP port answers from here, such as 22.' }),
        ...waitFields,
      }),
    ],
    { error: 'must be "none", "agent", { agent: true, seconds: N } or { port: N, seconds: N }' },
  )
  .meta({ description: 'What to wait for after the start. A deadline that passes is a warning.' })

const rollout = z.strictObject({
  batch: whole(1, 1000).optional().meta({ description: 'Machines at once. Left out: 1.' }),
  wait: wait.optional().meta({ description: 'When a machine counts as healthy. Left out: its own `wait`.' }),
  maxFailures: whole(0, 1000).optional().meta({ description: 'Failures after which it stops. Left out: 0.' }),
})

const ha = z
  .union(
    [
      flag(),
      z.strictObject({
        group: anyText().optional().meta({ description: 'HA group, in Proxmox VE 8; since 9, say `nodes`.' }),
        nodes: z
          .array(text(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:\d+)?$/, 'must be a node, or node:priority'))
          .min(1)
          .optional()
          .meta({
            description: 'Since Proxmox VE 9: nodes it prefers, such as [pve1, "pve2:5"]; a higher number first.',
          }),
        strict: flag().optional().meta({ description: 'It may run on no other nodes than these.' }),
        maxRestart: whole(0, 1000).optional().meta({ description: 'Tries on its own node.' }),
        maxRelocate: whole(0, 1000).optional().meta({ description: 'Tries on other nodes.' }),
      }),
    ],
    { error: 'must be true, false, or settings such as { maxRestart: 2 }' },
  )
  .meta({ description: 'Managed by the HA manager, which then starts and moves it; `false` takes it out again.' })

const MACHINE_TYPE = /^(pc|q35|pc-(i440fx|q35)-[\w.+-]+)(,(viommu=(intel|virtio)|aw-bits=\d{2}|enable-s[34]=[01]))*$/

/** The keys that machines, defaults and profiles have in common. */
export const machineFields = {
  image: anyText('must be the name of an image').optional().meta({ description: 'Name of an entry of `images`.' }),
  node: nodeName.optional().meta({ description: 'The node the machine is made on.' }),
  nodes: z.array(nodeName).min(1).optional().meta({ description: 'Nodes to spread over.' }),
  storage: z
    .strictObject({
      images: storageName.optional().meta({ description: 'File storage with content type "import".' }),
      disks: storageName.optional().meta({ description: 'Storage for disks.' }),
    })
    .optional()
    .meta({ description: 'Storages of its image and its disks.' }),
  cores: whole(1, 8192).optional().meta({ description: 'Cores a socket.' }),
  sockets: whole(1, 4).optional().meta({ description: 'CPU sockets. One is enough nearly always.' }),
  cpu: text(/^[a-zA-Z0-9_.-]+(,.*)?$/, 'must be a CPU type such as "host" or "x86-64-v2-AES"')
    .optional()
    .meta({ description: 'CPU that the guest sees, such as "host" or "x86-64-v2-AES".' }),
  cpuLimit: amount(0, 128).optional().meta({ description: 'The most CPU time it may use, in cores; 0 sets no limit.' }),
  cpuUnits: whole(1, 262_144).optional().meta({ description: 'Its share of CPU time beside others. Usual is 100.' }),
  numa: flag().optional().meta({ description: 'Show the guest a NUMA topology.' }),
  memory: size('MiB').optional().meta({ description: 'A size with its unit: "2 GiB".' }),
  balloon: z
    .union([size('MiB'), z.literal(false)], {
      error: ({ input }) => withoutUnit(input, 'MiB') ?? 'must be a size, or false',
    })
    .optional()
    .meta({ description: 'The least memory it may be shrunk to; false: no ballooning.' }),
  disk: bootDisk.optional(),
  disks: z.array(extraDisk).max(29).optional().meta({ description: 'Further disks.' }),
  cdrom: cdrom.optional().meta({
    description: 'ISO images in its CD drives, up to 2: on a storage (`local:iso/x.iso`), or one of `images`.',
  }),
  network: z
    .union([network, z.array(network).max(32)], {
      error: 'must be a network such as { bridge: vmbr0 }, or a list of them',
    })
    .optional()
    .meta({ description: 'A network card, or a list of them in the order of the guest.' }),
  devices: z.array(device).max(40).optional().meta({
    description: "Devices of the node, by Proxmox's resource mappings (Datacenter → Resource Mappings).",
  }),
  bios: oneOf(['seabios', 'ovmf']).optional().meta({ description: 'Firmware: `ovmf` is UEFI, and gets an EFI disk.' }),
  secureBoot: flag().optional().meta({ description: 'Enrol the vendor keys in the EFI disk.' }),
  tpm: flag().optional().meta({ description: 'A TPM 2.0.' }),
  machine: text(MACHINE_TYPE, 'must be a machine type such as "q35" or "q35,viommu=intel"')
    .optional()
    .meta({ description: 'Chipset: pc, q35, or a pinned version of them, with viommu=intel where wanted.' }),
  osType: oneOf(['l26', 'l24', 'other', 'win11', 'win10', 'win8', 'win7', 'solaris'])
    .optional()
    .meta({ description: 'What Proxmox tunes for. l26 is any current Linux.' }),
  serial: flag().optional().meta({ description: 'A serial console, which most cloud images want. Default true.' }),
  vga: vga.optional().meta({ description: 'The display. Left out: the serial console, where there is one.' }),
  rng: rng.optional().meta({ description: 'A source of random numbers from the node.' }),
  watchdog: watchdog.optional().meta({ description: 'A watchdog, which acts when the guest hangs.' }),
  smbios: smbios.optional().meta({ description: 'What the guest reads from its firmware about the machine.' }),
  agent: flag().optional().meta({ description: 'Talk to the QEMU guest agent, which the image must hold.' }),
  boot: z
    .array(text(/^(scsi|virtio|sata|ide|net|usb|hostpci)\d+$/, 'must be a device such as "scsi0"'))
    .optional()
    .meta({ description: 'Boot order: devices, such as [scsi0, net0].' }),
  onBoot: flag().optional().meta({ description: 'Start it when its node boots.' }),
  startOrder: z
    .strictObject({
      order: whole(0, 10_000).optional().meta({ description: 'Lower starts first.' }),
      up: seconds.optional().meta({ description: 'Seconds until the next one starts.' }),
      down: seconds.optional().meta({ description: 'Seconds for it to shut down.' }),
    })
    .optional()
    .meta({ description: 'Needs Sys.Modify on /.' }),
  pool: text(/^[a-zA-Z0-9\-_.]+(\/[a-zA-Z0-9\-_.]+)*$/, 'must be the name of a pool')
    .optional()
    .meta({ description: 'The pool it is a member of. The pool must be there.' }),
  ha: ha.optional(),
  tags: z.array(tag).optional().meta({ description: 'Further tags beside ours.' }),
  description: z
    .string()
    .max(7000)
    .optional()
    .meta({ description: 'Notes, as Proxmox shows them. Ours are a line at their end.' }),
  protection: flag()
    .optional()
    .meta({ description: 'Proxmox then refuses to remove the machine or its disks, and so do we.' }),
  cloudInit: cloudInit.optional(),
  start: flag()
    .optional()
    .meta({ description: 'Whether it should run after an apply. A machine that runs is never stopped by this.' }),
  wait: wait.optional(),
  rollout: rollout.optional().meta({ description: 'How a replacement or a restart goes through several machines.' }),
  expires: duration.optional().meta({
    description: 'How long it is wanted, counted from its creation.',
  }),
  fullClone: flag()
    .optional()
    .meta({ description: 'Copy the disk even where the storage can link it to the template.' }),
}

const PROFILE_WANTED = 'must be the name of a profile, or a list of them'
const profileName = anyText('must be the name of a profile')
const profile = z
  .union([profileName, z.array(profileName).min(1)], { error: PROFILE_WANTED })
  .meta({ description: 'Entries of `profiles` that it takes its keys from; of several, later ones win.' })

/** The keys of the defaults. */
export const defaultsSchema = z.strictObject({ ...machineFields, profile: profile.optional() })
export const profileSchema = z.strictObject(machineFields).meta({ description: 'Keys of a machine, under a name.' })

export const machineSchema = z
  .strictObject({
    ...machineFields,
    profile: profile.optional(),
    vmid: counted(vmid, 'must be a whole number from 100 to 999999999, a list, or { from: NUMBER }').optional().meta({
      description:
        'A fixed id. Left out: one from `vmids`, the same in every run. With `count`: a list, or { from: NUMBER }.',
    }),
    count: whole(1, 1000).optional().meta({ description: 'Makes NAME-1 to NAME-count.' }),
    renamedFrom: dnsName.optional().meta({
      description: 'Its former name: the machine is renamed in place. With `count`: the former name of the entry.',
    }),
  })
  .meta({ description: 'A machine, or `count` equal ones.' })

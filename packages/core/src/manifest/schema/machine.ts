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
  seconds: seconds.optional().meta({ description: 'Seconds to wait at most. Default: 180.' }),
  required: flag().optional().meta({
    description: 'Fail after that time, instead of warning. Every run checks again, and waits if there is no answer.',
  }),
}
/** A marker that was copied from another VM's notes would claim this VM for that one. */
const NOTES = /^(?![\s\S]*<!-- pve-provision )/
const NOTES_WANTED = 'must not contain the marker of pve-provision ("<!-- pve-provision …"): remove that line'

const wait = z
  .union(
    [
      oneOf(['none', 'agent']),
      z.strictObject({
        agent: z.literal(true).meta({ description: 'Wait until the guest agent answers and reports addresses.' }),
        ...waitFields,
      }),
      z.strictObject({
        port: whole(1, 65_535).meta({
          description: 'Wait until this TCP port accepts connections from your computer, such as 22.',
        }),
        ...waitFields,
      }),
    ],
    { error: 'must be "none", "agent", { agent: true, seconds: N } or { port: N, seconds: N }' },
  )
  .meta({ description: 'What to wait for after the start. After that time, apply warns and continues.' })

const rollout = z.strictObject({
  batch: whole(1, 1000).optional().meta({
    description: 'VMs at a time, of all VMs with the same `batch` and `maxFailures`. Default: 1.',
  }),
  wait: wait.optional().meta({ description: 'When a VM counts as healthy. Default: its own `wait`.' }),
  maxFailures: whole(0, 1000)
    .optional()
    .meta({ description: 'Failures that are tolerated before the roll-out stops. Default: 0.' }),
})

const ha = z
  .union(
    [
      flag(),
      z.strictObject({
        group: anyText().optional().meta({ description: 'HA group, on Proxmox VE 8 only. On 9, use `nodes`.' }),
        nodes: z
          .array(text(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:\d+)?$/, 'must be a node, or node:priority'))
          .min(1)
          .optional()
          .meta({
            description: 'On Proxmox VE 9: preferred nodes, such as [pve1, "pve2:5"]. A higher number wins.',
          }),
        strict: flag().optional().meta({ description: 'Run on these nodes only.' }),
        maxRestart: whole(0, 1000).optional().meta({ description: 'Restart attempts on the same node.' }),
        maxRelocate: whole(0, 1000).optional().meta({ description: 'Attempts to start it on another node.' }),
      }),
    ],
    { error: 'must be true, false, or settings such as { maxRestart: 2 }' },
  )
  .meta({ description: 'Let the HA manager start and move the VM. `false` removes it from HA.' })

const MACHINE_TYPE = /^(pc|q35|pc-(i440fx|q35)-[\w.+-]+)(,(viommu=(intel|virtio)|aw-bits=\d{2}|enable-s[34]=[01]))*$/

/** The keys that machines, defaults and profiles have in common. */
export const machineFields = {
  image: anyText('must be the name of an image').optional().meta({ description: 'Name of an entry of `images`.' }),
  node: nodeName.optional().meta({ description: 'Node for the VM.' }),
  nodes: z.array(nodeName).min(1).optional().meta({ description: 'Nodes to spread the VMs over.' }),
  storage: z
    .strictObject({
      images: storageName
        .optional()
        .meta({ description: 'Storage for the image: a file storage with the content type "import".' }),
      disks: storageName.optional().meta({ description: 'Storage for disks.' }),
    })
    .optional()
    .meta({ description: 'Storages for the image and for the disks.' }),
  cores: whole(1, 8192).optional().meta({ description: 'CPU cores per socket. Default: 1.' }),
  sockets: whole(1, 4).optional().meta({ description: 'CPU sockets. Default: 1, which is nearly always enough.' }),
  cpu: text(
    /^(?:cputype=)?[a-zA-Z0-9_.-]+(?:,(?:flags=[+-][\w.-]+(?:;[+-][\w.-]+)*|(?!flags=)[\w-]+=[^,]*))*$/,
    'must be a CPU type such as "host", "x86-64-v2-AES" or, with flags, "host,flags=+aes;-pcid"',
  )
    .optional()
    .meta({ description: 'CPU type, such as "host" or "x86-64-v2-AES".' }),
  cpuLimit: amount(0, 128).optional().meta({ description: 'Limit on CPU time, in cores. 0 means no limit.' }),
  cpuUnits: whole(1, 262_144)
    .optional()
    .meta({ description: 'CPU weight relative to other VMs. The default of Proxmox is 100.' }),
  numa: flag().optional().meta({ description: 'Enable NUMA.' }),
  memory: size('MiB').optional().meta({ description: 'Memory, such as "2 GiB". Default: 512 MiB.' }),
  balloon: z
    .union([size('MiB'), z.literal(false)], {
      error: ({ input }) => withoutUnit(input, 'MiB') ?? 'must be a size, or false',
    })
    .optional()
    .meta({ description: 'Minimum memory for ballooning. `false` turns ballooning off.' }),
  disk: bootDisk.optional(),
  disks: z.array(extraDisk).max(29).optional().meta({ description: 'Additional disks (data disks).' }),
  cdrom: cdrom.optional().meta({
    description: 'Up to two ISO images in CD drives: on a storage (`local:iso/x.iso`), or an entry of `images`.',
  }),
  network: z
    .union([network, z.array(network).max(32)], {
      error: 'must be a network such as { bridge: vmbr0 }, or a list of them',
    })
    .optional()
    .meta({ description: 'A network card, or a list of them in order.' }),
  devices: z.array(device).max(40).optional().meta({
    description: 'Devices of the node to pass through, by their resource mappings (Datacenter → Resource Mappings).',
  }),
  bios: oneOf(['seabios', 'ovmf'])
    .optional()
    .meta({ description: 'Firmware. Default: seabios. `ovmf` is UEFI and adds an EFI disk.' }),
  secureBoot: flag().optional().meta({ description: 'Enrol the standard Secure Boot keys.' }),
  tpm: flag().optional().meta({ description: 'Add a TPM 2.0.' }),
  machine: text(MACHINE_TYPE, 'must be a machine type such as "q35" or "q35,viommu=intel"')
    .optional()
    .meta({ description: 'Machine type: "pc", "q35" or a pinned version, optionally with ",viommu=intel".' }),
  osType: oneOf(['l26', 'l24', 'other', 'win11', 'win10', 'win8', 'win7', 'solaris'])
    .optional()
    .meta({ description: 'Operating system of the guest. Default: l26, any current Linux.' }),
  serial: flag()
    .optional()
    .meta({ description: 'Add a serial console, which most cloud images expect. Default: true.' }),
  vga: vga.optional().meta({ description: 'Display. Default: the serial console if there is one.' }),
  rng: rng.optional().meta({ description: 'Add a random number generator (VirtIO RNG).' }),
  watchdog: watchdog.optional().meta({ description: 'Add a watchdog, which acts when the guest hangs.' }),
  smbios: smbios.optional().meta({ description: 'SMBIOS values that the guest reads from its firmware.' }),
  agent: flag().optional().meta({
    description:
      'Offer the guest the channel of the QEMU guest agent. Default: true. The image must contain the agent.',
  }),
  boot: z
    .array(text(/^(scsi|virtio|sata|ide|net|usb|hostpci)\d+$/, 'must be a device such as "scsi0"'))
    .optional()
    .meta({ description: 'Boot order, such as [scsi0, net0].' }),
  onBoot: flag().optional().meta({ description: 'Start the VM when its node boots. Default: false.' }),
  startOrder: z
    .strictObject({
      order: whole(0, 10_000).optional().meta({ description: 'Lower starts first.' }),
      up: seconds.optional().meta({ description: 'Seconds to wait before the next VM starts.' }),
      down: seconds.optional().meta({ description: 'Seconds the VM has to shut down.' }),
    })
    .optional()
    .meta({ description: 'Start and shutdown order. The token needs Sys.Modify on /.' }),
  pool: text(/^[a-zA-Z0-9\-_.]+(\/[a-zA-Z0-9\-_.]+)*$/, 'must be the name of a pool')
    .optional()
    .meta({ description: 'Resource pool. It must exist.' }),
  ha: ha.optional(),
  tags: z.array(tag).optional().meta({ description: 'Tags, in addition to the tag `pve-provision`.' }),
  description: text(NOTES, NOTES_WANTED)
    .max(7000)
    .optional()
    .meta({ description: 'Notes in Proxmox. pve-provision adds a line with its marker at the end.' }),
  protection: flag().optional().meta({ description: 'Protect the VM and its disks from being removed.' }),
  cloudInit: cloudInit.optional(),
  start: flag().optional().meta({ description: 'Start the VM. Default: false, which does not stop a VM that runs.' }),
  wait: wait.optional(),
  rollout: rollout.optional().meta({ description: 'How replacements, restarts and moves of several VMs proceed.' }),
  expires: duration.optional().meta({
    description:
      'Lifetime, counted from creation. On a VM that exists, it counts from the run that adds it. `destroy --expired` removes the VM afterwards.',
  }),
  fullClone: flag()
    .optional()
    .meta({ description: 'Make a full clone, even where the storage supports linked clones.' }),
}

const PROFILE_WANTED = 'must be the name of a profile, or a list of them'
const profileName = anyText('must be the name of a profile')
const profile = z
  .union([profileName, z.array(profileName).min(1)], { error: PROFILE_WANTED })
  .meta({ description: 'One or several entries of `profiles` to take keys from. Later ones win.' })

/** The keys of the defaults. */
export const defaultsSchema = z.strictObject({ ...machineFields, profile: profile.optional() })
export const profileSchema = z.strictObject(machineFields).meta({ description: 'Keys of a VM, under a name.' })

export const machineSchema = z
  .strictObject({
    ...machineFields,
    profile: profile.optional(),
    vmid: counted(vmid, 'must be a whole number from 100 to 999999999, a list, or { from: NUMBER }').optional().meta({
      description:
        'A fixed VM ID. Default: one from `vmids`, the same in every run. With `count`: a list, or { from: NUMBER }.',
    }),
    count: whole(1, 1000).optional().meta({ description: 'Creates NAME-1 to NAME-count.' }),
    renamedFrom: dnsName.optional().meta({
      description: 'The former name: the VM is renamed in place. With `count`: the former name of the entry.',
    }),
  })
  .meta({ description: 'A VM, or `count` of them.' })

// The schema of a machine, of the defaults and of profiles.
import * as z from 'zod/mini'
import { cloudInit } from './cloud-init.ts'
import { bootDisk, cdrom, device, extraDisk, network, rng, smbios, vga, watchdog } from './hardware.ts'
import {
  amount,
  anyText,
  counted,
  described,
  dnsName,
  duration,
  flag,
  key,
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
  seconds: key(seconds, { description: 'Seconds to wait at most. Default: 180.' }),
  required: key(flag(), {
    description: 'Fail after that time, instead of warning. Every run checks again, and waits if there is no answer.',
  }),
}
/** A marker that was copied from another VM's notes would claim this VM for that one. */
const NOTES = /^(?![\s\S]*<!-- pve-provision )/
const NOTES_WANTED = 'must not contain the marker of pve-provision ("<!-- pve-provision …"): remove that line'

const wait = described(
  z.union(
    [
      oneOf(['none', 'agent']),
      z.strictObject({
        agent: described(z.literal(true), { description: 'Wait until the guest agent answers and reports addresses.' }),
        ...waitFields,
      }),
      z.strictObject({
        port: described(whole(1, 65_535), {
          description: 'Wait until this TCP port accepts connections from your computer, such as 22.',
        }),
        ...waitFields,
      }),
    ],
    { error: 'must be "none", "agent", { agent: true, seconds: N } or { port: N, seconds: N }' },
  ),
  { description: 'What to wait for after the start. After that time, apply warns and continues.' },
)

const rollout = z.strictObject({
  batch: key(whole(1, 1000), {
    description: 'VMs at a time, of all VMs with the same `batch` and `maxFailures`. Default: 1.',
  }),
  wait: key(wait, { description: 'When a VM counts as healthy. Default: its own `wait`.' }),
  maxFailures: key(whole(0, 1000), {
    description: 'Failures that are tolerated before the roll-out stops. Default: 0.',
  }),
})

const ha = described(
  z.union(
    [
      flag(),
      z.strictObject({
        group: key(anyText(), { description: 'HA group, on Proxmox VE 8 only. On 9, use `nodes`.' }),
        nodes: key(
          z
            .array(text(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:\d+)?$/, 'must be a node, or node:priority'))
            .check(z.minLength(1)),
          {
            description: 'On Proxmox VE 9: preferred nodes, such as [pve1, "pve2:5"]. A higher number wins.',
          },
        ),
        strict: key(flag(), { description: 'Run on these nodes only.' }),
        maxRestart: key(whole(0, 1000), { description: 'Restart attempts on the same node.' }),
        maxRelocate: key(whole(0, 1000), { description: 'Attempts to start it on another node.' }),
      }),
    ],
    { error: 'must be true, false, or settings such as { maxRestart: 2 }' },
  ),
  { description: 'Let the HA manager start and move the VM. `false` removes it from HA.' },
)

const MACHINE_TYPE = /^(pc|q35|pc-(i440fx|q35)-[\w.+-]+)(,(viommu=(intel|virtio)|aw-bits=\d{2}|enable-s[34]=[01]))*$/

/** The keys that machines, defaults and profiles have in common. */
export const machineFields = {
  image: key(anyText('must be the name of an image'), { description: 'Name of an entry of `images`.' }),
  node: key(nodeName, { description: 'Node for the VM.' }),
  nodes: key(z.array(nodeName).check(z.minLength(1)), { description: 'Nodes to spread the VMs over.' }),
  storage: key(
    z.strictObject({
      images: key(storageName, {
        description: 'Storage for the image: a file storage with the content type "import".',
      }),
      disks: key(storageName, { description: 'Storage for disks.' }),
    }),
    { description: 'Storages for the image and for the disks.' },
  ),
  cores: key(whole(1, 8192), { description: 'CPU cores per socket. Default: 1.' }),
  sockets: key(whole(1, 4), { description: 'CPU sockets. Default: 1, which is nearly always enough.' }),
  cpu: key(
    text(
      /^(?:cputype=)?[a-zA-Z0-9_.-]+(?:,(?:flags=[+-][\w.-]+(?:;[+-][\w.-]+)*|(?!flags=)[\w-]+=[^,]*))*$/,
      'must be a CPU type such as "host", "x86-64-v2-AES" or, with flags, "host,flags=+aes;-pcid"',
    ),
    { description: 'CPU type, such as "host" or "x86-64-v2-AES".' },
  ),
  cpuLimit: key(amount(0, 128), { description: 'Limit on CPU time, in cores. 0 means no limit.' }),
  cpuUnits: key(whole(1, 262_144), { description: 'CPU weight relative to other VMs. The default of Proxmox is 100.' }),
  numa: key(flag(), { description: 'Enable NUMA.' }),
  memory: key(size('MiB'), { description: 'Memory, such as "2 GiB". Default: 512 MiB.' }),
  balloon: key(
    z.union([size('MiB'), z.literal(false)], {
      error: ({ input }) => withoutUnit(input, 'MiB') ?? 'must be a size, or false',
    }),
    { description: 'Minimum memory for ballooning. `false` turns ballooning off.' },
  ),
  disk: z.optional(bootDisk),
  disks: key(z.array(extraDisk).check(z.maxLength(29)), { description: 'Additional disks (data disks).' }),
  cdrom: key(cdrom, {
    description: 'Up to two ISO images in CD drives: on a storage (`local:iso/x.iso`), or an entry of `images`.',
  }),
  network: key(
    z.union([network, z.array(network).check(z.maxLength(32))], {
      error: 'must be a network such as { bridge: vmbr0 }, or a list of them',
    }),
    { description: 'A network card, or a list of them in order.' },
  ),
  devices: key(z.array(device).check(z.maxLength(40)), {
    description: 'Devices of the node to pass through, by their resource mappings (Datacenter → Resource Mappings).',
  }),
  bios: key(oneOf(['seabios', 'ovmf']), {
    description: 'Firmware. Default: seabios. `ovmf` is UEFI and adds an EFI disk.',
  }),
  secureBoot: key(flag(), { description: 'Enrol the standard Secure Boot keys.' }),
  tpm: key(flag(), { description: 'Add a TPM 2.0.' }),
  machine: key(text(MACHINE_TYPE, 'must be a machine type such as "q35" or "q35,viommu=intel"'), {
    description: 'Machine type: "pc", "q35" or a pinned version, optionally with ",viommu=intel".',
  }),
  osType: key(oneOf(['l26', 'l24', 'other', 'win11', 'win10', 'win8', 'win7', 'solaris']), {
    description: 'Operating system of the guest. Default: l26, any current Linux.',
  }),
  serial: key(flag(), { description: 'Add a serial console, which most cloud images expect. Default: true.' }),
  vga: key(vga, { description: 'Display. Default: the serial console if there is one.' }),
  rng: key(rng, { description: 'Add a random number generator (VirtIO RNG).' }),
  watchdog: key(watchdog, { description: 'Add a watchdog, which acts when the guest hangs.' }),
  smbios: key(smbios, { description: 'SMBIOS values that the guest reads from its firmware.' }),
  agent: key(flag(), {
    description:
      'Offer the guest the channel of the QEMU guest agent. Default: true. The image must contain the agent.',
  }),
  boot: key(z.array(text(/^(scsi|virtio|sata|ide|net|usb|hostpci)\d+$/, 'must be a device such as "scsi0"')), {
    description: 'Boot order, such as [scsi0, net0].',
  }),
  onBoot: key(flag(), { description: 'Start the VM when its node boots. Default: false.' }),
  startOrder: key(
    z.strictObject({
      order: key(whole(0, 10_000), { description: 'Lower starts first.' }),
      up: key(seconds, { description: 'Seconds to wait before the next VM starts.' }),
      down: key(seconds, { description: 'Seconds the VM has to shut down.' }),
    }),
    { description: 'Start and shutdown order. The token needs Sys.Modify on /.' },
  ),
  pool: key(text(/^[a-zA-Z0-9\-_.]+(\/[a-zA-Z0-9\-_.]+)*$/, 'must be the name of a pool'), {
    description: 'Resource pool. It must exist.',
  }),
  ha: z.optional(ha),
  tags: key(z.array(tag), { description: 'Tags, in addition to the tag `pve-provision`. Written in lower case.' }),
  description: key(text(NOTES, NOTES_WANTED).check(z.maxLength(7000)), {
    description: 'Notes in Proxmox. pve-provision adds a line with its marker at the end.',
  }),
  protection: key(flag(), { description: 'Protect the VM and its disks from being removed.' }),
  cloudInit: z.optional(cloudInit),
  start: key(flag(), { description: 'Start the VM. Default: false, which does not stop a VM that runs.' }),
  wait: z.optional(wait),
  rollout: key(rollout, { description: 'How replacements, restarts and moves of several VMs proceed.' }),
  expires: key(duration, {
    description:
      'Lifetime, counted from creation. On a VM that exists, it counts from the run that adds it. `destroy --expired` removes the VM afterwards.',
  }),
  fullClone: key(flag(), { description: 'Make a full clone, even where the storage supports linked clones.' }),
}

const PROFILE_WANTED = 'must be the name of a profile, or a list of them'
const profileName = anyText('must be the name of a profile')
const profile = described(
  z.union([profileName, z.array(profileName).check(z.minLength(1))], { error: PROFILE_WANTED }),
  { description: 'One or several entries of `profiles` to take keys from. Later ones win.' },
)

/** The keys of the defaults. */
export const defaultsSchema = z.strictObject({ ...machineFields, profile: z.optional(profile) })
export const profileSchema = described(z.strictObject(machineFields), { description: 'Keys of a VM, under a name.' })

export const machineSchema = described(
  z.strictObject({
    ...machineFields,
    profile: z.optional(profile),
    vmid: key(counted(vmid, 'must be a whole number from 100 to 999999999, a list, or { from: NUMBER }'), {
      description:
        'A fixed VM ID. Default: one from `vmids`, the same in every run. With `count`: a list, or { from: NUMBER }.',
    }),
    count: key(whole(1, 1000), { description: 'Creates NAME-1 to NAME-count.' }),
    renamedFrom: key(dnsName, {
      description: 'The former name: the VM is renamed in place. With `count`: the former name of the entry.',
    }),
  }),
  { description: 'A VM, or `count` of them.' },
)

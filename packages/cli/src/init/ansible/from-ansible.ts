// Converts Ansible files (variables of a role, lists of machines, tasks of proxmox_kvm) to an equivalent manifest, with
// a note for each key that could not be converted.
import { ProvisionError } from '@pve-provision/core'
import { stringify } from 'yaml'
import { splitCommon } from '../common.ts'
import { USUAL_IMAGE } from '../known-images.ts'
import { adviceFor, isConnection } from './advice.ts'
import { type Images, imageFor, imagesFrom, isImages } from './ansible-images.ts'
import { emptyDraft, isMachineKey, machineOfDraft, putKey } from './ansible-machines.ts'
import type { Places } from './places.ts'
import { makesMachine, readAnsible } from './read-variables.ts'
import { resolved } from './templates.ts'
import { dnsNameOf, isMapping, isUnreadable, type Mapping, textOf } from './values.ts'

export interface Converted {
  readonly text: string
  readonly notes: readonly string[]
}

interface Context {
  readonly places: Places
  readonly images: Images
  readonly notes: string[]
}

/** @throws ProvisionError `USAGE` if the file is not YAML, or contains neither machines nor images */
export function fromAnsible(text: string, file: string, places: Places): Converted {
  const { variables, tasks, otherModules } = readAnsible(text, file)
  const used = new Set<string>()
  const values = resolved(variables, variables, used)
  const fromTasks = tasks.map((task) => resolved(task, variables, used))
  const notes: string[] = otherModules.map(otherModule)
  const context = { places, images: {}, notes }
  const { lists, rest } = sorted(values, context)
  if (lists.length === 0 && fromTasks.length === 0 && Object.keys(context.images).length === 0) throw nothingKnown(file)
  const listed = lists.flatMap(([key, value]) => listOf(key, value, notes))
  const machines = machinesFrom([...listed, ...byName(fromTasks)], context)
  const told = defaultsFrom(
    rest.filter(([key]) => !used.has(key)),
    context,
  )
  const { defaults, machines: vms } = splitCommon(machines)
  notes.push(...placeNotes(values, places))
  const needsNetwork = Object.values(machines).some(({ network }) => network === undefined)
  const manifest = {
    project: places.project,
    images: context.images,
    defaults: {
      ...(needsNetwork && { network: { bridge: places.bridge } }),
      ...mergedDefaults(places, told, defaults),
    },
    vms,
  }
  return { text: `# From ${file}\n${stringify(manifest, { lineWidth: 0 })}`, notes: [...new Set(notes)] }
}

interface Sorted {
  readonly lists: readonly (readonly [string, unknown])[]
  readonly rest: readonly (readonly [string, unknown])[]
}

/** Adds images to the context, and separates machines from values that apply to all of them. */
function sorted(values: Mapping, { images, notes }: Context): Sorted {
  const lists: [string, unknown][] = []
  const rest: [string, unknown][] = []
  for (const [key, value] of Object.entries(values)) {
    if (isImages(value) || key === 'proxmox_cloud_init_images') Object.assign(images, imagesFrom(key, value, notes))
    else if (isMachines(key, value)) lists.push([key, value])
    // A mapping whose keys all belong to a machine is only an anchor, so it is skipped.
    else if (!isMapping(value) || !Object.keys(value).every((inner) => isMachineKey(inner) || NAMES.includes(inner)))
      rest.push([key, value])
  }
  return { lists, rest }
}

function otherModule(module: string): string {
  const instead = module.endsWith('_disk') ? '`disk` and `disks`' : module.endsWith('_nic') ? '`network`' : undefined
  const advice =
    instead === undefined
      ? 'pve-provision makes machines from images, and nothing else'
      : `add it to ${instead} of its machine`
  return `Tasks of ${module} were left out: ${advice}.`
}

/** Merges several tasks for one machine. Later tasks override earlier ones; a task alone that starts one is left out. */
function byName(tasks: readonly Mapping[]): readonly Mapping[] {
  const machines = new Map<string, Mapping>()
  for (const task of tasks) machines.set(textOf(task.name), { ...machines.get(textOf(task.name)), ...task })
  return [...machines.values()].filter(makesMachine)
}

function nothingKnown(file: string): ProvisionError {
  return new ProvisionError('USAGE', `${file} has no Proxmox VMs.`, {
    hint: 'It needs a list or a mapping of VMs (`vms`, `proxmox_vms`), images with a `url`, or tasks of the module proxmox_kvm.',
  })
}

/** Returns true for a list or a mapping of entries with keys of machines. */
function isMachines(key: string, value: unknown): boolean {
  if (/^(proxmox_)?(vms|virtual_machines|machines|guests)$/.test(key)) return true
  const entries = Array.isArray(value) ? value : isMapping(value) ? Object.values(value) : []
  const isMachine = (entry: unknown) => isMapping(entry) && Object.keys(entry).filter(isMachineKey).length >= 2
  return entries.length > 0 && entries.every(isMachine)
}

function listOf(key: string, given: unknown, notes: string[]): readonly Mapping[] {
  if (Array.isArray(given)) return given.filter(isMapping)
  if (isMapping(given)) return Object.entries(given).map(([name, vm]) => ({ name, ...(isMapping(vm) ? vm : {}) }))
  if (given !== undefined && given !== null) notes.push(`${key} is not a list: it was left out.`)
  return []
}

const NAMES = ['name', 'image', 'distribution', 'distro', 'template', 'clone', 'os_image', 'cloud_image']

function machinesFrom(given: readonly Mapping[], context: Context): Record<string, Mapping> {
  const machines: Record<string, Mapping> = {}
  for (const [index, vm] of given.entries()) {
    const wanted = isUnreadable(vm.name) ? '' : textOf(vm.name)
    if (isUnreadable(vm.name))
      context.notes.push(
        `The name ${textOf(vm.name)} is known only to Ansible: the machine is called vm-${index + 1} here.`,
      )
    const name = dnsNameOf(wanted || `vm-${index + 1}`)
    if (name !== wanted && wanted !== '')
      context.notes.push(`vms.${wanted} is called ${name} here: Proxmox needs a DNS name.`)
    if (name in machines) context.notes.push(`vms.${name} appears twice: the first one was left out.`)
    machines[name] = machineFrom(name, vm, context)
  }
  return machines
}

function machineFrom(name: string, vm: Mapping, context: Context): Mapping {
  const draft = emptyDraft()
  for (const entry of Object.entries(vm))
    if (!NAMES.includes(entry[0])) putKey(draft, entry, { where: `vms.${name}`, ...context })
  const image = imageOf(name, vm, context)
  return { ...(image !== '' && { image }), ...machineOfDraft(draft) }
}

function imageOf(name: string, vm: Mapping, { images, notes }: Context): string {
  const [first = ''] = Object.keys(images)
  const named = textOf(vm.image ?? vm.distribution ?? vm.distro ?? vm.os_image ?? vm.cloud_image ?? vm.template)
  const clone = textOf(vm.clone)
  const found = clone === '' ? imageFor(named || first, false, images) : imageFor(clone, true, images)
  if (found !== undefined) {
    if (clone !== '') notes.push(`images.${found} is the template ${clone}, which must exist.`)
    return found
  }
  const instead = first || (imageFor(USUAL_IMAGE, false, images) ?? USUAL_IMAGE)
  notes.push(`vms.${name}.image (${named || 'none'}) is not in \`images\`: ${instead} is used instead.`)
  return instead
}

/** Returns the values that a role sets for all its machines: `proxmox_bridge`, `ciuser`. */
function defaultsFrom(rest: readonly (readonly [string, unknown])[], context: Context): Mapping {
  const draft = emptyDraft()
  for (const [key, value] of rest) {
    const plain = key.replace(/^(proxmox|pve|vm|default|cloud_?init|ci)_(?=.)/, '')
    const isKey = isMachineKey(plain) && plain !== 'id' && plain !== 'vmid' && !isConnection(key)
    if (/^proxmox_dirs$/.test(key)) continue
    if (isKey) putKey(draft, [plain, value], { where: key, ...context })
    else context.notes.push(`${key} was left out: ${adviceFor(isConnection(key) ? key : plain)}.`)
  }
  return machineOfDraft(draft)
}

/** Values that all machines share win over the file's general values, and those win over what the cluster has. */
function mergedDefaults(places: Places, told: Mapping, common: Mapping): Mapping {
  const { nodes, imagesStorage, disksStorage } = places
  const placed = nodes.length === 1 ? { node: nodes[0] } : { nodes }
  const isPlaced = [told, common].some(({ node, nodes: several }) => node !== undefined || several !== undefined)
  const both = (key: string) => ({ ...(told[key] as Mapping | undefined), ...(common[key] as Mapping | undefined) })
  return {
    ...(!isPlaced && placed),
    ...told,
    ...common,
    storage: { images: imagesStorage, disks: disksStorage, ...both('storage') },
    ...(Object.keys(both('cloudInit')).length > 0 && { cloudInit: both('cloudInit') }),
  }
}

function placeNotes({ proxmox_dirs: folders }: Mapping, { imagesStorage, guessed }: Places): readonly string[] {
  const folder = isMapping(folders) ? textOf(folders.isos) : ''
  const moved = `proxmox_dirs.isos (${folder}) became storage "${imagesStorage}": images are uploaded with the API, not copied to a folder.`
  const guess = 'node, storages and bridge in `defaults` are guesses: check them before you plan.'
  return [...(folder === '' ? [] : [moved]), ...(guessed ? [guess] : [])]
}

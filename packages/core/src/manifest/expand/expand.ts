// Expands the checked document to one entry for each machine: resolves names, counts, profiles and defaults.
import { folderOf } from '../file-sets.ts'
import type { Desired, Image, Machine, Position } from '../manifest.ts'
import type { ManifestPath } from '../read/tree.ts'
import type { MachineDocument, ManifestDocument } from '../schema/manifest-schema.ts'
import { reportDuplicates } from './check-duplicates.ts'
import { checkFirstBoot } from './check-first-boot.ts'
import { checkEntry } from './checks.ts'
import { definedOnly } from './defined-only.ts'
import { machinesOf } from './expand-machine.ts'
import { expandImages, unknownImage } from './images.ts'
import { markIsos } from './isos.ts'
import { type KeyLayer, keyPlace } from './key-place.ts'
import { type Layer, mergeLayers, profileNames } from './merge.ts'

export interface Expansion {
  readonly desired: Desired
  /** Passwords of machines and in addresses, whether they are secrets or plain text. */
  readonly passwords: readonly string[]
}

export interface FileIdentity {
  /** The file's name in problems. */
  readonly file: string
  /** The file's name in markers. */
  readonly identity?: string | undefined
  readonly isFromFolder?: boolean | undefined
}

export interface Surroundings {
  /** Returns the position of the key at a path. */
  readonly place: (path: ManifestPath) => Position
  readonly addProblem: (path: ManifestPath, message: string) => void
  /** Reports something that is not a problem. */
  readonly addNote: (path: ManifestPath, message: string) => void
  /** Returns the absolute path of a file that is named at a path of the manifest. */
  readonly resolveFile: (file: string, path: ManifestPath) => string
  readonly files: readonly FileIdentity[]
  /** Values of all secrets of the manifest. */
  readonly secrets: ReadonlySet<string>
}

/**
 * Expands a checked manifest. What only shows across entries (unknown names, duplicates) is reported as a problem here.
 */
export function expand(manifest: ManifestDocument, surroundings: Surroundings): Expansion {
  const sources = expandImages(manifest.images, surroundings)
  const machines = Object.keys(manifest.vms).flatMap((entry) =>
    expandEntry(entry, { manifest, images: sources, surroundings }),
  )
  const images = markIsos(sources, machines, surroundings.addProblem)
  reportDuplicates(machines, surroundings.addProblem)
  const { project, vmids, limits } = manifest
  const passwords = [...machines.flatMap(({ cloudInit }) => cloudInit?.password ?? []), ...passwordsIn(images)]
  return {
    desired: {
      project,
      files: surroundings.files.map(({ file }) => file),
      origins: namesInMarkers(surroundings.files),
      images,
      machines,
      vmids,
      limits: definedOnly(limits),
    },
    passwords: [...new Set(passwords)],
  }
}

function namesInMarkers(files: readonly FileIdentity[]): readonly string[] {
  const names = files.flatMap(({ identity, isFromFolder }) =>
    identity === undefined ? [] : [identity, ...(isFromFolder ? [folderOf(identity)] : [])],
  )
  return [...new Set(names)]
}

/** Returns the passwords in addresses, whether they are secrets or plain text. */
function passwordsIn(images: ReadonlyMap<string, Image>): readonly string[] {
  const urls = [...images.values()].flatMap((image) => (image.kind === 'address' ? [image.url, ...image.mirrors] : []))
  return urls.flatMap(({ password }) => (password === '' ? [] : [password, safelyDecoded(password)]))
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

interface Context {
  readonly manifest: ManifestDocument
  readonly images: ReadonlyMap<string, Image>
  readonly surroundings: Surroundings
}

function expandEntry(entry: string, { manifest, images, surroundings }: Context): Machine[] {
  const { addProblem, addNote, place } = surroundings
  const path = ['vms', entry]
  const own = manifest.vms[entry] ?? {}
  const layers = layersOf(entry, own, { manifest, addProblem })
  const merged = mergeLayers(layers.map(({ keys }) => keys))
  for (const { path: at, keys } of layers)
    if (keys.node !== undefined && keys.nodes !== undefined)
      addProblem([...at, 'nodes'], `\`${at.join('.')}\` has both \`node\` and \`nodes\`: remove one of them.`)
  const where = whereOf(path, merged, addProblem)
  checkImages(path, merged, { images: manifest.images, own, addProblem })
  checkEntry(path, merged, addProblem)
  checkFirstBoot(path, { merged, own, addProblem, addNote })
  const { image } = merged
  if (image === undefined || where === undefined || !images.has(image)) return []
  const position = place(path)
  const file = surroundings.files.find((one) => one.file === position.file)?.identity
  const positionOf = keyPlace(layers, place)
  const { common, ownOf } = machinesOf(merged)
  return Array.from({ length: merged.count ?? 1 }, (_, index) => {
    const name = merged.count === undefined ? entry : `${entry}-${index + 1}`
    return {
      ...common,
      ...ownOf({ name, index }),
      name,
      entry,
      index: index + 1,
      image,
      ...where,
      position,
      positionOf,
      ...definedOnly({ file }),
    }
  })
}

/** Returns the layers that an entry takes its keys from. Later layers win. */
function layersOf(
  entry: string,
  own: MachineDocument,
  { manifest, addProblem }: { readonly manifest: ManifestDocument; readonly addProblem: Surroundings['addProblem'] },
): readonly (KeyLayer & { readonly keys: Layer })[] {
  const { defaults = {}, profiles = {} } = manifest
  const named = profileNames(own.profile ?? defaults.profile).map((name) => {
    const profile = profiles[name]
    if (profile === undefined)
      addProblem(
        own.profile === undefined ? ['defaults', 'profile'] : ['vms', entry, 'profile'],
        `There is no profile \`${name}\`: ${knownList(Object.keys(profiles), '`profiles` is empty')}.`,
      )
    return { path: ['profiles', name], keys: profile ?? {} }
  })
  return [{ path: ['defaults'], keys: defaults }, ...named, { path: ['vms', entry], keys: own }]
}

function knownList(names: readonly string[], none: string): string {
  return names.length === 0 ? none : `known are ${names.map((name) => `\`${name}\``).join(', ')}`
}

/** Returns nodes and storages. Missing ones are reported as problems. */
function whereOf(
  path: ManifestPath,
  { node, nodes = [], storage }: MachineDocument,
  addProblem: Surroundings['addProblem'],
): Pick<Machine, 'nodes' | 'storage'> | undefined {
  const [first, ...others] = node === undefined ? nodes : [node]
  const lacks = (what: string) =>
    addProblem(path, `\`${path.join('.')}\` has no ${what}, and the defaults have none either.`)
  if (first === undefined) lacks('`node` or `nodes`')
  if (!storage?.images) lacks('`storage.images`')
  if (!storage?.disks) lacks('`storage.disks`')
  if (first === undefined || !storage?.images || !storage.disks) return undefined
  return { nodes: [first, ...others], storage: { images: storage.images, disks: storage.disks } }
}

function checkImages(
  path: ManifestPath,
  { image, disks = [], cdrom = [] }: MachineDocument,
  {
    images,
    own,
    addProblem,
  }: {
    readonly images: ManifestDocument['images']
    readonly own: MachineDocument
    readonly addProblem: Surroundings['addProblem']
  },
): void {
  const known = Object.keys(images)
  if (image === undefined)
    addProblem(path, `\`${path.join('.')}\` has no \`image\`, and the defaults have none either.`)
  else if (!known.includes(image))
    addProblem(own.image === undefined ? path : [...path, 'image'], unknownImage(image, known))
  for (const cd of [cdrom].flat())
    if (typeof cd !== 'string' && !known.includes(cd.image))
      addProblem([...path, 'cdrom'], unknownImage(cd.image, known))
  for (const [index, disk] of disks.entries()) {
    if (disk.image !== undefined && !known.includes(disk.image))
      addProblem([...path, 'disks', index, 'image'], unknownImage(disk.image, known))
    if (disk.image !== undefined && images[disk.image]?.template !== undefined)
      addProblem(
        [...path, 'disks', index, 'image'],
        `\`${path.join('.')}.disks.${index}.image\` names \`${disk.image}\`, which is a template: a machine can be cloned from it, but a disk cannot.`,
      )
    if (disk.image === undefined && disk.size === undefined)
      addProblem([...path, 'disks', index], `\`${path.join('.')}.disks.${index}\` has no \`size\`.`)
  }
}

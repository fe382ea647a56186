// Expands the images of a manifest and checks that each has exactly one source.

import type { Build } from '../build-recipe.ts'
import { checkData, checkNetworkConfig } from '../documents/check-document.ts'
import { documentKind } from '../documents/document-kind.ts'
import type { Digest, Image, Position } from '../manifest.ts'
import { isOpenHttp } from '../open-http.ts'
import type { ManifestPath } from '../read/tree.ts'
import { type ContentDocument, SOURCE_KEYS } from '../schema/image.ts'
import type { ImageDocument, ManifestDocument } from '../schema/manifest-schema.ts'
import { durationInSeconds, sizeInBytes } from '../schema/values.ts'
import { holdsSecret } from '../secret-address.ts'
import { definedOnly } from './defined-only.ts'

type AddProblem = (path: ManifestPath, message: string) => void

interface Surroundings {
  readonly place: (path: ManifestPath) => Position
  readonly addProblem: AddProblem
  /** Returns the absolute path of a file that is named at a path of the manifest. */
  readonly resolveFile: (file: string, path: ManifestPath) => string
  /** Values of all secrets of the manifest. */
  readonly secrets: ReadonlySet<string>
}

/** Returns the valid images. What is wrong with the others is reported as a problem. */
export function expandImages(images: ManifestDocument['images'], surroundings: Surroundings): Map<string, Image> {
  const entries = Object.entries(images)
  for (const [name, image] of entries) checkImage(name, image, { images, addProblem: surroundings.addProblem })
  return new Map(
    entries.flatMap(([name, image]) => {
      const expanded = expandImage(name, image, surroundings)
      return expanded === undefined ? [] : [[name, expanded] as const]
    }),
  )
}

function isDigest(checksum: string): boolean {
  return /^sha(256|512):/.test(checksum)
}

function digestOf(checksum: string | undefined): { readonly checksum?: Digest } {
  return checksum !== undefined && isDigest(checksum) ? { checksum: checksum.toLowerCase() as Digest } : {}
}

function expandImage(
  name: string,
  image: ImageDocument,
  { place, resolveFile, secrets }: Surroundings,
): Image | undefined {
  const { url, file, template, volume, from, checksum, signature, fileName } = image
  const { format, convert, route, member } = image
  const base = { name, ...definedOnly({ format, member }), convert, route, position: place(['images', name]) }
  if (url !== undefined)
    return {
      ...base,
      kind: 'address',
      url: new URL(url),
      mirrors: image.mirrors.map((mirror) => new URL(mirror)),
      ...(checksum !== undefined && (isDigest(checksum) ? digestOf(checksum) : { checksum: new URL(checksum) })),
      ...(signature && { signature: { keys: signature.keys, ...(signature.url && { url: new URL(signature.url) }) } }),
      ...definedOnly({ fileName, secrets: secretsIn([url, ...image.mirrors], secrets) }),
    }
  if (file !== undefined)
    return { ...base, kind: 'file', path: resolveFile(file, ['images', name, 'file']), ...digestOf(checksum) }
  if (template !== undefined) return { ...base, kind: 'template', template: templateOf(template) }
  if (volume !== undefined) return { ...base, kind: 'volume', volume }
  if (image.unknown) return { ...base, kind: 'unknown' }
  return from === undefined ? undefined : { ...base, kind: 'built', from, ...recipeOf(image.build ?? {}, secrets) }
}

function secretsIn(addresses: readonly string[], secrets: ReadonlySet<string>): readonly string[] | undefined {
  const found = [...secrets].filter((secret) =>
    addresses.some((address) => address.includes(encodeURIComponent(secret))),
  )
  return found.length === 0 ? undefined : found
}

function templateOf(template: NonNullable<ImageDocument['template']>) {
  if (typeof template === 'number') return { vmid: template }
  return typeof template === 'string' ? { name: template } : template
}

const DEFAULT_BUILD_SECONDS = 30 * 60

/** Returns the recipe, and the secrets in its texts. */
function recipeOf(document: NonNullable<ImageDocument['build']>, secrets: ReadonlySet<string>) {
  const build = buildOf(document)
  const texts = [
    ...build.run,
    ...build.files.map(({ content }) => content),
    build.userData ?? '',
    build.networkConfig ?? '',
  ]
  const found = [...secrets].filter((secret) => secret !== '' && texts.some((text) => text.includes(secret)))
  return { build, ...(found.length > 0 && { secrets: found }) }
}

/** `{ file }` was replaced by the content of the file before. */
function buildOf(build: NonNullable<ImageDocument['build']>): Build {
  const { packages = [], run = [], files = [], userData, networkConfig, disk, timeout } = build
  return {
    packages,
    run,
    files: files.map(({ path, content, mode = '0644', owner }) => ({
      path,
      content: textOf(content),
      mode: mode.padStart(4, '0'),
      ...definedOnly({ owner }),
    })),
    ...(userData !== undefined && { userData: textOf(userData) }),
    ...(networkConfig !== undefined && { networkConfig: textOf(networkConfig) }),
    ...(disk !== undefined && { diskBytes: sizeInBytes(disk) }),
    timeoutSeconds: timeout === undefined ? DEFAULT_BUILD_SECONDS : durationInSeconds(timeout),
  }
}

function textOf(content: ContentDocument): string {
  return typeof content === 'string' ? content : ''
}

interface ImageCheck {
  readonly images: ManifestDocument['images']
  readonly addProblem: AddProblem
}

function checkImage(name: string, image: ImageDocument, { images, addProblem }: ImageCheck): void {
  const at = `\`images.${name}\``
  const sources = SOURCE_KEYS.filter((key) => image[key] !== undefined)
  if (sources.length === 0)
    addProblem(['images', name], `${at} has no \`url\`, \`file\`, \`template\`, \`volume\` or \`from\`.`)
  if (sources.length > 1)
    addProblem(
      ['images', name, sources[1] ?? ''],
      `${at} has both \`${sources[0]}\` and \`${sources[1]}\`: remove one of them.`,
    )
  if (sources.length === 1 && sources[0] !== undefined) checkCompanions(name, image, { source: sources[0], addProblem })
  checkSignature(name, image, addProblem)
  checkRoute(name, image, addProblem)
  checkRecipe(name, image, addProblem)
  checkDocument(name, image, addProblem)
  if (image.from !== undefined) checkBase(name, image.from, { images, addProblem })
}

type SourceKey = (typeof SOURCE_KEYS)[number]

/** Keys that apply only to some sources. */
const COMPANIONS: Readonly<Record<string, readonly SourceKey[]>> = {
  mirrors: ['url'],
  checksum: ['url', 'file'],
  signature: ['url'],
  insecure: ['url'],
  fileName: ['url'],
  member: ['url', 'file', 'volume'],
  build: ['from'],
}

function checkCompanions(
  name: string,
  image: ImageDocument,
  { source, addProblem }: { readonly source: SourceKey; readonly addProblem: AddProblem },
): void {
  for (const [key, sources] of Object.entries(COMPANIONS)) {
    const value = image[key as keyof ImageDocument]
    const isThere = Array.isArray(value) ? value.length > 0 : value !== undefined
    if (!isThere || sources.includes(source)) continue
    const whose = sources.map((one) => `\`${one}\``).join(' or ')
    addProblem(['images', name, key], `\`images.${name}.${key}\` needs ${whose}, but this image has \`${source}\`.`)
  }
  if (source === 'from' && image.build === undefined)
    addProblem(
      ['images', name],
      `\`images.${name}\` has \`from\` without \`build\`: add \`build\`, or use the other image directly.`,
    )
  if (source === 'file' && image.checksum !== undefined && !isDigest(image.checksum))
    addProblem(
      ['images', name, 'checksum'],
      `\`images.${name}.checksum\` must be a digest ("sha256:…" or "sha512:…"), because the image is a file.`,
    )
}

function checkSignature(name: string, { checksum, signature }: ImageDocument, addProblem: AddProblem): void {
  if (!signature || (checksum !== undefined && !isDigest(checksum))) return
  const how = checksum === undefined ? 'has no `checksum`' : 'pins a digest'
  addProblem(
    ['images', name, 'signature'],
    `\`images.${name}\` ${how}, so there is no checksum document whose signature could be checked.`,
  )
}

/** A document without a signature is only as trustworthy as its connection, so plain http is refused. */
function checkDocument(name: string, image: ImageDocument, addProblem: AddProblem): void {
  const { checksum, signature, insecure } = image
  if (checksum === undefined || isDigest(checksum) || signature !== undefined || insecure === true) return
  if (isOpenHttp(new URL(checksum)))
    addProblem(
      ['images', name, 'checksum'],
      `\`images.${name}.checksum\` is plain http: anyone on the network could replace the image. Use https, a \`signature\` or a digest, or set \`insecure: true\` beside it.`,
    )
}

/** Proxmox writes the address into its task log, so an address with a secret must not be pulled. */
function checkRoute(name: string, { url, route }: ImageDocument, addProblem: AddProblem): void {
  if (route !== 'pull' || url === undefined || !holdsSecret(new URL(url))) return
  addProblem(
    ['images', name, 'route'],
    `\`images.${name}.route\` cannot be pull: Proxmox would write the secret in the address to its task log. Remove \`route\`; your computer then sends the image.`,
  )
}

/** Checks keys and documents that do not fit a build. */
function checkRecipe(name: string, { from, build, format }: ImageDocument, addProblem: AddProblem): void {
  if (from !== undefined && format !== undefined)
    addProblem(
      ['images', name, 'format'],
      `\`images.${name}\` is built, so it has the format of its base image: set \`images.${from}.format\`.`,
    )
  if (build?.networkConfig !== undefined) checkNetwork(name, textOf(build.networkConfig), addProblem)
  const userData = build?.userData === undefined ? '' : textOf(build.userData)
  const path = ['images', name, 'build', 'userData']
  if (userData.trim() === '') return
  const { name: kind, reader } = documentKind(userData)
  if (reader !== 'cloud-init')
    addProblem(path, `\`${path.join('.')}\` is ${kind}: a build needs a document that cloud-init reads.`)
  const { problems } = checkData(userData)
  for (const { line, column, message } of problems)
    addProblem(path, `\`${path.join('.')}\`, line ${line}, column ${column}: ${message}`)
  if (/^power_state\s*:/m.test(userData))
    addProblem(path, `\`${path.join('.')}\` has \`power_state\`: remove it. The build shuts the VM down itself.`)
}

/** A build cannot go on without its network, so what cloud-init ignores is a problem here. */
function checkNetwork(name: string, text: string, addProblem: AddProblem): void {
  const path = ['images', name, 'build', 'networkConfig']
  const { problems, notes } = checkNetworkConfig(text)
  for (const { line, column, message } of [...problems, ...notes])
    addProblem(path, `\`${path.join('.')}\`, line ${line}, column ${column}: ${message}`)
}

/** Checks that the base image exists and that the chain of bases has no loop. */
function checkBase(name: string, from: string, { images, addProblem }: ImageCheck): void {
  if (images[from] === undefined) {
    addProblem(['images', name, 'from'], unknownImage(from, Object.keys(images)))
    return
  }
  const seen = new Set([name])
  for (let next: string | undefined = from; next !== undefined; next = images[next]?.from) {
    if (next === name) addProblem(['images', name, 'from'], `\`images.${name}\` refers to itself.`)
    if (seen.has(next)) return
    seen.add(next)
  }
}

export function unknownImage(image: string, known: readonly string[]): string {
  const list = known.length === 0 ? '`images` is empty' : `known are ${known.map((name) => `\`${name}\``).join(', ')}`
  return `There is no image \`${image}\`: ${list}.`
}

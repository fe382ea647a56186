// The lock file: pins the exact bytes of each image until a user updates them.
import { stringify } from 'yaml'
import * as z from 'zod/mini'
import type { Validators } from '../ports/world.ts'
import type { Digest, ImageFormat } from './manifest.ts'
import type { JsonSchema } from './read/json-schema.ts'
import { problemsOf } from './read/problems.ts'
import { readYaml, refusal, type YamlSource } from './read/read-yaml.ts'
import { toValue } from './read/tree.ts'

/** A pinned image: its address, its digest, and how the digest was found. */
export interface LockedImage {
  /** The address in the manifest that was resolved, or for a local file `file:` and its name. */
  readonly url: string
  /** The address of exactly these bytes: the dated address, if the vendor's document contained one. */
  readonly resolvedUrl: string
  readonly digest: Digest
  readonly sizeBytes?: number
  readonly format?: ImageFormat
  readonly virtualSizeBytes?: number
  readonly signature: 'verified' | 'not asked for'
  /** Set if the digest was computed from a download (trust on first use): the validators that the server sent then. */
  readonly measured?: Validators
  /** ISO time. */
  readonly pinnedAt: string
}

/** The pinned images by name. */
export interface LockFile {
  readonly images: Readonly<Record<string, LockedImage>>
}

/** A newer layout is refused, because it could be misread. */
const VERSION = 1

const bytes = z.int().check(z.gte(0))
const webAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https address' })
const source = z.union([
  webAddress,
  z.string().check(z.regex(/^file:[^/\\\\]+$/, 'must be an http or https address, or "file:NAME"')),
])
const headerText = z.string().check(z.maxLength(1024))

const lockSchema = z.strictObject({
  version: z.literal(VERSION, {
    error: `must be ${VERSION}: the file was written by another version of pve-provision`,
  }),
  images: z.record(
    z.string(),
    z.strictObject({
      url: source,
      resolvedUrl: source,
      digest: z.pipe(
        z
          .string()
          .check(z.regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, 'must be a digest such as "sha256:…"')),
        z.transform((text) => text as Digest),
      ),
      sizeBytes: z.optional(bytes),
      format: z.optional(z.enum(['qcow2', 'raw', 'vmdk', 'vdi', 'vhdx', 'vpc'])),
      virtualSizeBytes: z.optional(bytes),
      signature: z.enum(['verified', 'not asked for']),
      measured: z.optional(z.strictObject({ etag: z.optional(headerText), lastModified: z.optional(headerText) })),
      pinnedAt: z.iso.datetime({ error: 'must be a time in ISO format' }),
    }),
  ),
})

/**
 * Parses a lock file.
 * @throws ProvisionError `MANIFEST` with all problems, each with line and column
 */
export function parseLockFile(source: YamlSource): LockFile {
  const tree = readYaml(source, 'A lock file must be a mapping with `version` and `images`.')
  const checked = lockSchema.safeParse(toValue(tree), { jitless: true })
  if (!checked.success) {
    const schema = () => z.toJSONSchema(lockSchema, { io: 'input' }) as JsonSchema
    throw refusal([source.file], problemsOf(checked.error.issues, { tree, whole: 'The lock file', schema }))
  }
  return { images: checked.data.images as LockFile['images'] }
}

const HEADING = '# Written by `pve-provision pin`. Commit it: apply then uses exactly these bytes.\n'

/** Formats a lock file. Images and keys have a fixed order, so that a diff shows only what changed. */
export function formatLockFile({ images }: LockFile): string {
  const names = Object.keys(images).sort((one, other) => (one < other ? -1 : 1))
  const ordered = names.map((name) => [name, images[name]] as const)
  return HEADING + stringify({ version: VERSION, images: Object.fromEntries(ordered) }, { lineWidth: 0 })
}

/** Describes the differences between two lock files, one sentence for each image. */
export function lockChanges(before: LockFile, after: LockFile): readonly string[] {
  const dropped = Object.keys(before.images).filter((name) => after.images[name] === undefined)
  const moved = Object.entries(after.images).flatMap(([name, { digest, resolvedUrl, measured }]) => {
    const old = before.images[name]
    const from = `(${resolvedUrl}${measured ? '; hashed here, not confirmed by the vendor' : ''})`
    if (old === undefined) return [`${name} is pinned to ${digest} ${from}`]
    return old.digest === digest ? [] : [`${name} has a newer build: ${short(old.digest)} → ${short(digest)} ${from}`]
  })
  return [...moved, ...dropped.map((name) => `${name} is no longer pinned: the manifest has no such image`)]
}

/** Returns the algorithm and the first digits of a digest. The lock file has the rest. */
function short(digest: string): string {
  return `${digest.slice(0, digest.indexOf(':') + 13)}…`
}

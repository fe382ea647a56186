// Packs journal and checksum documents into one text that only a holder of the token's secret can create.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readRegular } from './read-regular.ts'

/** Part of the cache keys. Increase it when the layout changes. */
export const BUNDLE_SCHEMA = 1
export const BUNDLE_LIMIT_BYTES = 16 * 1024 * 1024

const HEADER = `pve-provision facts ${BUNDLE_SCHEMA}`
const FILE_LIMIT_BYTES = 6 * 1024 * 1024
const DOCUMENTS_LIMIT = 200
/** File names that are allowed in a bundle. No name can leave the folder. */
const NAMES = /^(?:journal\/facts\.jsonl|documents\/[0-9a-f]{40}\.document)$/

export interface Bundle {
  readonly text: string
  /** SHA-256 of the content, which does not depend on the seal. */
  readonly contentHash: string
}

/**
 * Authenticates a bundle. A cached document that the vendor reports as unchanged is trusted like the vendor's own. So
 * anyone who can write to the workflow's cache could choose which image is valid. The key of the seal is derived from
 * the token's secret.
 */
export interface Seal {
  readonly secret: string
  /** What the bundle belongs to. A bundle with another scope is rejected. */
  readonly scope: string
}

/** Packs the files in a cache directory. Returns undefined if there are none. */
export async function packBundle(directory: string, seal: Seal): Promise<Bundle | undefined> {
  const names = ['journal/facts.jsonl', ...(await documentNames(directory))]
  const files: Record<string, string> = {}
  for (const name of names) {
    const content = await readRegular(join(directory, name), FILE_LIMIT_BYTES)
    if (content !== undefined) files[name] = content.toString('base64')
  }
  if (Object.keys(files).length === 0) return undefined
  const payload = JSON.stringify(files)
  const text = `${HEADER}\n${sealOf(payload, seal)}\n${payload}\n`
  return text.length > BUNDLE_LIMIT_BYTES ? undefined : { text, contentHash: hashOf(payload) }
}

/**
 * Unpacks a bundle into a cache directory. It never replaces existing files.
 * @returns the hash of its content, or undefined if the seal is invalid; then nothing was written
 */
export async function unpackBundle(text: string, directory: string, seal: Seal): Promise<string | undefined> {
  const [header, tag = '', payload = ''] = text.split('\n')
  if (header !== HEADER || !sameText(tag, sealOf(payload, seal))) return undefined
  const files = Object.entries(JSON.parse(payload) as Record<string, string>).filter(([name]) => NAMES.test(name))
  for (const [name, content] of files) {
    const path = join(directory, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, Buffer.from(content, 'base64'), { flag: 'wx', mode: 0o600 }).catch(() => undefined)
  }
  return hashOf(payload)
}

async function documentNames(directory: string): Promise<readonly string[]> {
  const names = await readdir(join(directory, 'documents')).catch((): string[] => [])
  return names
    .map((name) => `documents/${name}`)
    .filter((name) => NAMES.test(name))
    .toSorted()
    .slice(0, DOCUMENTS_LIMIT)
}

function sealOf(payload: string, { secret, scope }: Seal): string {
  const key = createHmac('sha256', secret).update(`${HEADER} ${scope}`).digest()
  return createHmac('sha256', key).update(payload).digest('hex')
}

function sameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

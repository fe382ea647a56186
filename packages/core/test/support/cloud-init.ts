// cloud-init's own Python as a judge of documents: what it understands, by each version that can be had here.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SeedDocuments } from '../../src/plan/first-boot/seed-documents.ts'

const FOLDER = resolve(import.meta.dirname, '../../../../.cache/cloud-init')
const SCRIPT = resolve(import.meta.dirname, 'understand.py')
const INSTALLED = '/usr/lib/python3/dist-packages/cloudinit'

export interface CloudInitVersion {
  readonly name: string
  /** What PYTHONPATH must be. */
  readonly path: string
}

/** Versions that `scripts/cloud-init.mjs` unpacked, or the system's own. */
export function cloudInitVersions(): readonly CloudInitVersion[] {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER) : []
  const unpacked = names.flatMap((name) => {
    const file = join(FOLDER, name, 'path')
    return existsSync(file) ? [{ name, path: readFileSync(file, 'utf8') }] : []
  })
  return unpacked.length === 0 && existsSync(INSTALLED) ? [{ name: 'installed', path: '' }] : unpacked
}

export interface Account {
  readonly keys: readonly string[]
  readonly password: { readonly text: string; readonly hashed: boolean } | null
  readonly locked: boolean
  readonly expires: boolean
}

export interface Understood {
  readonly instance: string
  readonly hostname: { readonly short: string; readonly full: string }
  readonly hosts: unknown
  readonly upgrade: boolean
  readonly accounts: Readonly<Record<string, Account>>
  /** Of other modules, what a document of one's own says. */
  readonly rest: Readonly<Record<string, unknown>>
  /** Scripts. */
  readonly parts: readonly string[]
  /** Files by renderer; null where cloud-init asks for an address by itself. */
  readonly network: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null
  readonly warnings: readonly string[]
}

export type Documents = Partial<Record<keyof SeedDocuments, string | Uint8Array>>

/** What a version understands of each CD, in order. */
export function understand({ path }: CloudInitVersion, cases: readonly Documents[]): readonly Understood[] {
  const input = cases.map((documents) =>
    Object.fromEntries(
      Object.entries(documents).map(([name, content]) => [name, Buffer.from(content as string).toString('base64')]),
    ),
  )
  const output = execFileSync('/usr/bin/python3', [SCRIPT], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 64 * 1024 ** 2,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  return (JSON.parse(output) as { readonly answers: readonly Understood[] }).answers
}

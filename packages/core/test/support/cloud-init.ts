// Uses cloud-init's own Python to check how documents are interpreted, in all versions that are available here.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SeedDocuments } from '../../src/plan/first-boot/seed-documents.ts'

const FOLDER = resolve(import.meta.dirname, '../../../../.cache/cloud-init')
const SCRIPT = resolve(import.meta.dirname, 'understand.py')
const INSTALLED = '/usr/lib/python3/dist-packages/cloudinit'

export interface CloudInitVersion {
  readonly name: string
  /** The value for PYTHONPATH. */
  readonly path: string
}

/** Returns the versions that `scripts/cloud-init.mjs` unpacked, or the system's own. */
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
  /** What a user's document sets for other modules. */
  readonly rest: Readonly<Record<string, unknown>>
  /** Scripts. */
  readonly parts: readonly string[]
  /** Files by renderer. Null if cloud-init uses DHCP by itself. */
  readonly network: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null
  readonly warnings: readonly string[]
}

export type Documents = Partial<Record<keyof SeedDocuments, string | Uint8Array>>

/** Returns how a version interprets each ISO, in order. */
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

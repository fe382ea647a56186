// What most tests of the action need: a simulated cluster, a vendor, a cache service, and a manifest that uses them.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createSimulator, type Simulator, type SimulatorOptions } from '@pve-provision/simulator'
import { type RunningCacheService, startCacheService } from './cache-client.ts'
import type { ActionCall, Job } from './runner.ts'
import { temporaryFolder } from './temporary.ts'
import { startVendor, type Vendor } from './vendor.ts'

export interface Surroundings {
  readonly simulator: Simulator
  readonly vendor: Vendor
  readonly cacheService: RunningCacheService
  readonly cacheDirectory: string
  close(): Promise<void>
}

export async function surroundings(options: SimulatorOptions = {}): Promise<Surroundings> {
  const cacheDirectory = temporaryFolder('cache')
  const [simulator, vendor, cacheService] = await Promise.all([
    createSimulator({ latency: 'instant', nodes: ['pve1', 'pve2'], ...options }),
    startVendor(),
    startCacheService(cacheDirectory),
  ])
  const close = async () => void (await Promise.all([simulator.close(), vendor.close(), cacheService.stop()]))
  return { simulator, vendor, cacheService, cacheDirectory, close }
}

export interface ManifestOptions {
  readonly project?: string
  readonly count?: number
  /** Further lines below the image. */
  readonly image?: readonly string[]
  readonly machine?: readonly string[]
  /** Further lines at the end. */
  readonly more?: readonly string[]
}

export function manifest(
  vendor: Vendor,
  { project = 'ci', count = 2, image = [], machine = [], more = [] }: ManifestOptions = {},
): string {
  return [
    `project: ${project}`,
    'images:',
    '  debian:',
    `    url: ${vendor.url}/image.qcow2`,
    `    checksum: ${vendor.url}/SHA256SUMS`,
    ...image.map((line) => `    ${line}`),
    'defaults:',
    '  nodes: [pve1]',
    '  storage: { images: local, disks: local-lvm }',
    '  network: { bridge: vmbr0 }',
    'vms:',
    '  web:',
    '    image: debian',
    `    count: ${count}`,
    ...machine.map((line) => `    ${line}`),
    ...more,
    '',
  ].join('\n')
}

export function writeManifest(job: Job, text: string, name = 'pve-provision.yaml'): string {
  const path = join(job.workspace, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

/** Creates a call of the action in a job. */
export function callOf(
  { simulator, cacheService }: Surroundings,
  job: Job,
  { inputs = {}, ...rest }: Partial<Omit<ActionCall, 'job'>> = {},
): ActionCall {
  const { endpoint, tokenId, tokenSecret, fingerprint } = simulator
  // On a busy machine, the cache's client takes long to start. Only tests about this timeout should run into it.
  const connection = { endpoint, 'token-id': tokenId, 'token-secret': tokenSecret, fingerprint, 'cache-timeout': '5m' }
  return { job, cacheUrl: cacheService.url, ...rest, inputs: { ...connection, ...inputs } }
}

/** Finds a text in the files below some folders, including archives of the cache. */
export function filesWith(text: string, ...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => filesBelow(folder).filter((path) => contentOf(path).includes(text)))
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
}

const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

function contentOf(path: string): Buffer {
  const content = readFileSync(path)
  if (!content.subarray(0, 4).equals(ZSTD)) return content
  const unpacked = execFileSync('tar', ['-xOf', path, '-P', '--use-compress-program', 'unzstd'], { maxBuffer: 2 ** 30 })
  // Files in a bundle are encoded as base64.
  const decoded = unpacked
    .toString('latin1')
    .replace(/"([A-Za-z0-9+/=]{40,})"/g, (_, text: string) => Buffer.from(text, 'base64').toString('latin1'))
  return Buffer.concat([unpacked, Buffer.from(decoded, 'latin1')])
}

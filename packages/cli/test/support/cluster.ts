// A simulated cluster with a folder for a manifest and a cache, for CLI tests.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSimulator, type Simulator, type SimulatorOptions } from '@pve-provision/simulator'
import { type CliOptions, type CliResult, runCli } from './run-cli.ts'

export interface Cluster {
  readonly simulator: Simulator
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Writes the manifest and runs the CLI with it. */
  cli(args: readonly string[], options?: CliOptions & { readonly manifest?: string }): Promise<CliResult>
  close(): Promise<void>
}

export async function startCluster(options: SimulatorOptions = {}): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'))
  const simulator = await createSimulator({ nodes: ['pve1', 'pve2'], latency: 'instant', ...options })
  const environment = {
    PVE_ENDPOINT: simulator.endpoint,
    PVE_TOKEN_ID: simulator.tokenId,
    PVE_TOKEN_SECRET: simulator.tokenSecret,
    PVE_FINGERPRINT: simulator.fingerprint,
    PVE_PROVISION_CACHE: join(folder, 'cache'),
  }
  return {
    simulator,
    folder,
    environment,
    async cli(args, { manifest, ...rest } = {}) {
      if (manifest !== undefined) await writeFile(join(folder, 'pve-provision.yaml'), manifest)
      return runCli(args, { cwd: folder, ...rest, environment: { ...environment, ...rest.environment } })
    },
    async close() {
      await simulator.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

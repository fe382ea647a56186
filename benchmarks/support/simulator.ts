// A simulated cluster of one node as its own program.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface RunningSimulator {
  /** What tells a program where the cluster is. */
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const PROGRAM = join(process.cwd(), 'packages/simulator/dist/main.js')

export async function startSimulator(data: string): Promise<RunningSimulator> {
  const options = ['--listen', '127.0.0.1:0', '--data', data, '--nodes', 'pve1', '--latency', 'laptop']
  const child = spawn(process.execPath, [PROGRAM, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { endpoint, fingerprint, tokenId, tokenSecret } = JSON.parse(line) as Record<string, string>
  return {
    environment: {
      PVE_ENDPOINT: endpoint ?? '',
      PVE_FINGERPRINT: fingerprint ?? '',
      PVE_TOKEN_ID: tokenId ?? '',
      PVE_TOKEN_SECRET: tokenSecret ?? '',
    },
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'close')
    },
  }
}

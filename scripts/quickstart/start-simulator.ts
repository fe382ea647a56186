// Starts the simulator as a separate program and reads its line of JSON.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface RunningSimulator {
  readonly endpoint: string
  readonly fingerprint: string
  readonly tokenId: string
  readonly tokenSecret: string
  /** The address of the page that shows the cluster. */
  readonly control?: string
  stop(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('../../packages/simulator/dist/main.js', import.meta.url))

export async function startSimulator(data: string): Promise<RunningSimulator> {
  const args = [
    '--listen',
    '127.0.0.1:0',
    '--data',
    data,
    '--nodes',
    'pve1,pve2',
    '--latency',
    'laptop',
    '--control',
    '127.0.0.1:0',
  ]
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('close', (code) => reject(new Error(`the simulator ended with ${code} before it was ready`)))
  })
  return {
    ...(JSON.parse(line) as Omit<RunningSimulator, 'stop'>),
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

// Runs the built CLI like a user: its messages go to the terminal, its JSON is returned.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface ApplyDocument {
  readonly ok: boolean
  readonly changed: boolean
  readonly steps: readonly {
    readonly id: string
    readonly kind: string
    readonly status: string
    readonly ms: number
    readonly why: string
  }[]
  readonly vms: readonly {
    readonly name: string
    readonly vmid?: number
    readonly node?: string
    readonly status: string
  }[]
  readonly metrics: {
    readonly wallMs: number
    readonly serialMs: number
    readonly bytesDownloaded: number
    readonly bytesUploaded: number
    readonly bytesSaved: number
    readonly apiRequests: number
  }
}

export interface CliResult {
  readonly exitCode: number
  readonly document: ApplyDocument | undefined
}

export async function runCli(
  common: readonly string[],
  args: readonly string[],
  { root, environment }: { readonly root: string; readonly environment: Record<string, string> },
): Promise<CliResult> {
  const child = spawn(process.execPath, [join(root, 'packages', 'cli', 'dist', 'main.js'), ...args, ...common], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const exitCode = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)))
  const text = Buffer.concat(chunks).toString()
  const isDocument = text.startsWith('{')
  if (!isDocument) process.stdout.write(text)
  return { exitCode, document: isDocument ? (JSON.parse(text) as ApplyDocument) : undefined }
}

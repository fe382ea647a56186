// Programs without a shell.
import { ProvisionError } from '../errors.ts'
import type { Exec } from './world.ts'

export function createExec(): Exec {
  return async (file, args, { signal, onLine } = {}) => {
    // Loaded when first needed: it costs a third of the start of the program.
    const { execa } = await import('execa')
    const child = execa(file, args, { ...(signal && { cancelSignal: signal }), stdin: 'ignore', reject: false })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        for (const line of chunk.toString().split(/[\r\n]+/)) if (line !== '') onLine?.(line)
      })
    }
    const result = await child
    if (result.isCanceled) throw new ProvisionError('CANCELLED', `${file} was stopped.`)
    if (!result.failed) return result.stdout
    if (result.code === 'ENOENT') {
      throw new ProvisionError('CONVERT', `The program ${file} is missing.`, { hint: 'Install it; on Debian: apt install qemu-utils' })
    }
    throw new ProvisionError('CONVERT', `${file} failed: ${result.stderr.trim().split('\n').at(-1) ?? ''}`, { cause: result })
  }
}

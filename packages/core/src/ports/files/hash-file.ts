// Hashes files in worker threads, so that several files use several processors.
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import pLimit from 'p-limit'
import { ProvisionError } from '../../errors.ts'
import { diskError } from './disk-error.ts'

// The worker's code is a string, so that no further file must be beside the program. A buffer that fits into the processor's
// cache: with 512 KiB, reading took three times the system time (330 in place of 95 ms for 570 MiB).
const PROGRAM = `
const { createHash } = require('node:crypto')
const { closeSync, openSync, readSync } = require('node:fs')
const { parentPort } = require('node:worker_threads')

const buffer = Buffer.allocUnsafeSlow(256 * 1024)
parentPort.on('message', ({ path, algorithm }) => {
  try {
    const hash = createHash(algorithm)
    const file = openSync(path, 'r')
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) hash.update(buffer.subarray(0, count))
    closeSync(file)
    parentPort.postMessage({ hex: hash.digest('hex') })
  } catch ({ message, code, syscall }) {
    parentPort.postMessage({ message, code, syscall })
  }
})
`

const threads = pLimit(availableParallelism())

/** Threads that finished and can be reused. Starting a thread takes 35 ms. */
const idle: Worker[] = []

/**
 * Hashes a file on another thread.
 * @returns lower-case hex
 * @throws ProvisionError `DISK`; the signal's reason when it aborts
 */
export function hashFile(path: string, algorithm: 'sha256' | 'sha512', signal: AbortSignal): Promise<string> {
  return threads(() => hashOnThread(path, algorithm, signal))
}

/** Most runs hash nothing, so Node's threads are loaded for the first one. */
async function startThread(): Promise<Worker> {
  const { Worker } = await import('node:worker_threads')
  return new Worker(PROGRAM, { eval: true })
}

async function hashOnThread(path: string, algorithm: 'sha256' | 'sha512', signal: AbortSignal): Promise<string> {
  const worker = idle.pop() ?? (await startThread())
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const abort = (): void => reject(signal.reason)
  const take = (answer: HashAnswer): void => {
    if ('hex' in answer) resolve(answer.hex)
    else reject(diskError(Object.assign(new Error(answer.message), answer), path))
  }
  const end = (): void => reject(new ProvisionError('UNEXPECTED', `Hashing ${path} ended without a result.`))
  signal.addEventListener('abort', abort, { once: true })
  worker.on('message', take).on('error', reject).on('exit', end)
  let isReusable = false
  try {
    signal.throwIfAborted()
    worker.postMessage({ path, algorithm })
    const hex = await promise
    // Keep a thread only if another file is waiting for it. A thread that is left over would keep the process alive.
    isReusable = idle.length < threads.pendingCount
    return hex
  } finally {
    signal.removeEventListener('abort', abort)
    // Remove only these listeners. Node adds its own to the worker, and without them it receives no messages.
    worker.off('message', take).off('error', reject).off('exit', end)
    if (isReusable) idle.push(worker)
    else await worker.terminate()
  }
}

type HashAnswer =
  | { readonly hex: string }
  | { readonly message: string; readonly code: string; readonly syscall: string }

// The digest of a file that lies on this disk, on a thread of its own: several files take several processors.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import pLimit from 'p-limit'
import { ProvisionError } from '../errors.ts'
import { diskError } from './disk-error.ts'

// As text, not as a file: the bundles of the action and the command line are one file each.
const PROGRAM = `
const { createHash } = require('node:crypto')
const { closeSync, openSync, readSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')

const hash = createHash(workerData.algorithm)
const buffer = Buffer.allocUnsafeSlow(512 * 1024)
try {
  const file = openSync(workerData.path, 'r')
  for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) hash.update(buffer.subarray(0, count))
  closeSync(file)
  parentPort.postMessage({ hex: hash.digest('hex') })
} catch ({ message, code, syscall }) {
  parentPort.postMessage({ message, code, syscall })
}
`

const threads = pLimit(availableParallelism())

/**
 * @returns lower-case hex
 * @throws ProvisionError `DISK`; the signal's reason when it aborts
 */
export function hashFile(path: string, algorithm: 'sha256' | 'sha512', signal: AbortSignal): Promise<string> {
  return threads(() => hashOnThread(path, algorithm, signal))
}

async function hashOnThread(path: string, algorithm: 'sha256' | 'sha512', signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const worker = new Worker(PROGRAM, { eval: true, workerData: { path, algorithm } })
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  worker.once('message', (answer: HashAnswer) => {
    if ('hex' in answer) resolve(answer.hex)
    else reject(diskError(Object.assign(new Error(answer.message), answer), path))
  })
  worker.once('error', reject)
  worker.once('exit', () => reject(new ProvisionError('UNEXPECTED', `Hashing ${path} ended without a result.`)))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

type HashAnswer =
  | { readonly hex: string }
  | { readonly message: string; readonly code: string; readonly syscall: string }

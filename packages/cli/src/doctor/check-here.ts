// What this machine must have: a folder to write to, and qemu-img where images are converted here.
import { execFile } from 'node:child_process'
import { access, constants, mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { cacheDirectory } from '../settings.ts'
import type { Finding } from './finding.ts'

/** Needed only where an image is converted here, so its absence is told and is no failure of its own. */
export async function checkQemuImg(): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)('qemu-img', ['--version'])
    return { name: 'qemu-img', ok: true, message: stdout.split('\n')[0] ?? '' }
  } catch {
    const message = 'is not installed; it is needed only where images are converted or checked here'
    return { name: 'qemu-img', ok: true, message, remedy: ['apt install qemu-utils (Debian, Ubuntu)'] }
  }
}

export async function checkCache(): Promise<Finding> {
  const folder = cacheDirectory(process.env)
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
    return { name: 'cache', ok: true, message: `${folder} can be written` }
  } catch (cause) {
    const message = `${folder} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`
    return { name: 'cache', ok: false, message, remedy: ['Set PVE_PROVISION_CACHE to a folder of your own.'] }
  }
}

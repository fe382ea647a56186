// Checks this computer: a writable folder, and qemu-img for conversions.
import { execFile } from 'node:child_process'
import { access, constants, mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { cacheDirectory } from '../settings.ts'
import type { Finding } from './finding.ts'

/** qemu-img is needed only for conversions here, so its absence is reported but is not a failure. */
export async function checkQemuImg(): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)('qemu-img', ['--version'])
    return { name: 'qemu-img', ok: true, message: stdout.split('\n')[0] ?? '' }
  } catch {
    const message = 'is not installed; it is only needed to convert or check images on your computer'
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
    return { name: 'cache', ok: false, message, remedy: ['Set PVE_PROVISION_CACHE to a folder that you own.'] }
  }
}

// Provides qemu-img for this run: from PATH or the distribution's packages. The runner's tool cache is not used: every
// job on a self-hosted runner may write to it, and the program would run beside the secrets of this one.
import { delimiter, dirname, join } from 'node:path'
import { toProvisionError } from '@pve-provision/core/advanced'
import { say, warning } from '../log.ts'
import { unpackDebianTool } from './debian-packages.ts'
import { runProgram } from './run-program.ts'
import { installBySystem } from './system-packages.ts'
import type { ToolSettings } from './tool-settings.ts'

const TOOL = 'qemu-img'

/**
 * Makes `qemu-img` available on this process's PATH. If that fails, it warns, and the step that needs the program fails
 * with its own error.
 * @returns a sentence for the summary, with the version
 */
export async function provideQemuImg(settings: ToolSettings): Promise<string | undefined> {
  try {
    return await find(settings)
  } catch (thrown) {
    warning(`qemu-img is missing and could not be installed: ${toProvisionError(thrown).message}`)
    return undefined
  }
}

async function find(settings: ToolSettings): Promise<string> {
  const own = await versionOf(TOOL)
  if (own) return `qemu-img ${own} is the runner’s own.`
  say('This runner has no qemu-img, but an image has to be converted: installing it.')
  const folder = await unpackDebianTool(settings)
  if (folder === undefined) {
    await installBySystem()
    return `qemu-img ${(await versionOf(TOOL)) ?? 'of unknown version'} was installed by the system’s package manager.`
  }
  const version = await versionOf(join(folder, 'bin', TOOL))
  if (version === undefined) throw new Error('the extracted program does not run on this runner')
  putOnPath(folder)
  return `qemu-img ${version} was extracted from the distribution’s packages.`
}

/** Returns `7.2.22`, or undefined if the program is missing or does not run. */
async function versionOf(program: string): Promise<string | undefined> {
  const output = await runProgram(program, ['--version']).catch(() => '')
  return /version (\d+\.\d+\.\d+)/.exec(output)?.[1]
}

/** Changes PATH only for this process and its children, not for later steps of the job. */
function putOnPath(folder: string): void {
  process.env.PATH = [join(folder, 'bin'), process.env.PATH ?? dirname(process.execPath)].join(delimiter)
}

// Provides qemu-img for this run: from PATH, the runner's tool cache, or the distribution's packages.
import { delimiter, dirname, join } from 'node:path'
import { toProvisionError } from '@pve-provision/core/advanced'
import type { Environment } from '../inputs/inputs.ts'
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
  const kept = await fromToolCache(settings)
  if (kept) return `qemu-img ${kept} came from the runner’s tool cache.`
  say('This runner has no qemu-img, but an image has to be converted: installing it.')
  const folder = await unpackDebianTool(settings)
  if (folder === undefined) {
    await installBySystem()
    return `qemu-img ${(await versionOf(TOOL)) ?? 'of unknown version'} was installed by the system’s package manager.`
  }
  const version = await versionOf(join(folder, 'bin', TOOL))
  if (version === undefined) throw new Error('the extracted program does not run on this runner')
  putOnPath(await keep(folder, version, settings))
  return `qemu-img ${version} was extracted from the distribution’s packages.`
}

/** Returns `7.2.22`, or undefined if the program is missing or does not run. */
async function versionOf(program: string): Promise<string | undefined> {
  const output = await runProgram(program, ['--version']).catch(() => '')
  return /version (\d+\.\d+\.\d+)/.exec(output)?.[1]
}

async function fromToolCache({ environment }: ToolSettings): Promise<string | undefined> {
  if (!hasToolCache(environment)) return undefined
  const { find: findTool } = await import('@actions/tool-cache')
  const folder = findTool(TOOL, '*')
  if (folder === '') return undefined
  // The program was unpacked for the libraries of a system that may have been upgraded since, so check that it runs.
  const version = await versionOf(join(folder, 'bin', TOOL))
  if (version) putOnPath(folder)
  return version
}

async function keep(folder: string, version: string, { environment }: ToolSettings): Promise<string> {
  if (!hasToolCache(environment)) return folder
  const { cacheDir } = await import('@actions/tool-cache')
  return cacheDir(folder, TOOL, version)
}

/** The tool cache library throws if the runner does not set its folders. */
function hasToolCache({ RUNNER_TOOL_CACHE, RUNNER_TEMP }: Environment): boolean {
  return Boolean(RUNNER_TOOL_CACHE && RUNNER_TEMP)
}

/** Changes PATH only for this process and its children, not for later steps of the job. */
function putOnPath(folder: string): void {
  process.env.PATH = [join(folder, 'bin'), process.env.PATH ?? dirname(process.execPath)].join(delimiter)
}

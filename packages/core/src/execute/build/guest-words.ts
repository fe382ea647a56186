// Reads the progress of a build with the guest agent, from files that the scripts of the build write.
import { cleanText } from '../../foreign-text.ts'
import type { BuiltImage } from '../../manifest/manifest.ts'
import { maskSecrets } from '../../mask.ts'
import { CLOUD_INIT_LOG, CLOUD_INIT_RESULT, HOST_KEYS, TOLD } from '../../plan/build/build-scripts.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { GuestPlace } from '../guest/guest-config.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'

/** The progress of a build. */
export type Word =
  /** The build succeeded and the guest is sealed. */
  | { readonly state: 'well' }
  | { readonly state: 'failed'; readonly failure: Failure }
  /** cloud-init has finished, but this boot did not run the recipe. */
  | { readonly state: 'missed' }
  | { readonly state: 'working'; readonly command?: number }
  /** The agent is configured to read no files. Some images forbid it until a script of the build allows it. */
  | { readonly state: 'refused' }
  /** No agent answers. */
  | { readonly state: 'silent' }
  /** The guest is stopped. */
  | { readonly state: 'stopped' }

export interface Failure {
  /** A clause. */
  readonly what: string
  readonly exitCode?: number
  readonly log: readonly string[]
}

/** Asks once. @throws ProvisionError as the Proxmox port, unless the agent does not answer or refuses, or the guest is stopped */
export async function askGuest(guest: GuestPlace, image: BuiltImage, context: StepContext): Promise<Word> {
  try {
    return await listen(guest, image, context)
  } catch (thrown) {
    if (isProblem(thrown, 'agent-unavailable')) return { state: 'silent' }
    if (isProblem(thrown, 'agent-refuses')) return { state: 'refused' }
    if (isProblem(thrown, 'vm-stopped')) return { state: 'stopped' }
    throw thrown
  }
}

async function listen(guest: GuestPlace, image: BuiltImage, context: StepContext): Promise<Word> {
  const read = (file: string) => readGuestFile(guest, file, context)
  const ended = (await read(TOLD.ended))?.trim() ?? ''
  if (ended === '0') return { state: 'well' }
  // The file is empty for a moment while it is written.
  if (ended !== '') return { state: 'failed', failure: await failureOf(guest, image, context) }
  const isFinished = (await read(CLOUD_INIT_RESULT)) !== undefined
  if (isFinished && (await read(TOLD.main)) === undefined) return { state: 'missed' }
  const command = Number((await read(TOLD.command))?.trim())
  return { state: 'working', ...(command > 0 && { command }) }
}

async function failureOf(guest: GuestPlace, image: BuiltImage, context: StepContext): Promise<Failure> {
  const read = async (file: string) => (await readGuestFile(guest, file, context))?.trim() ?? ''
  const [cloudInit, code, result] = [await read(TOLD.cloudInit), await read(TOLD.code), await read(CLOUD_INIT_RESULT)]
  const log = await logOf(guest, image, context)
  const [error] = errorsIn(result)
  if (!/^[02]$/.test(cloudInit) && error !== undefined)
    return { what: `cloud-init says: ${shown(error, image)}`, exitCode: Number(cloudInit), log }
  if (code !== '0' && code !== '') {
    const command = Number(await read(TOLD.command))
    const text = image.build.run[command - 1] ?? ''
    const which = `command ${command} of ${image.build.run.length} ended with ${code}`
    return { what: `${which}: ${shown(text, image)}`, exitCode: Number(code), log }
  }
  if (!/^[02]$/.test(cloudInit))
    return { what: `cloud-init status ended with ${cloudInit}`, exitCode: Number(cloudInit), log }
  return { what: 'data that must differ on each machine (such as host keys) could not be removed from it', log }
}

/** Returns the last lines of the logs in the guest, without secrets. */
export async function logOf(guest: GuestPlace, image: BuiltImage, context: StepContext): Promise<readonly string[]> {
  const told = await readGuestFile(guest, TOLD.log, context)
  const text = told ?? (await readGuestFile(guest, CLOUD_INIT_LOG, context)) ?? ''
  const lines = text.slice(-MOST_CHARACTERS).split(/\r?\n/)
  const clean = lines.map((line) => cleanText(maskSecrets(line, image.secrets ?? []), { most: 400 }).trimEnd())
  return clean.filter((line) => line !== '' && !noise.test(line)).slice(-MOST_LINES)
}

const noise = new RegExp(HOST_KEYS)
const MOST_LINES = 40
const MOST_CHARACTERS = 16_000

/** Returns the first line, without secrets, short enough for a sentence. */
function shown(text: string, { secrets = [] }: BuiltImage): string {
  const [line = '', ...more] = maskSecrets(text, secrets).trim().split('\n')
  const clean = cleanText(line, { most: 300 })
  return more.length > 0 && !clean.endsWith('…') ? `${clean} …` : clean
}

function errorsIn(result: string): readonly string[] {
  try {
    const { v1 } = JSON.parse(result) as { readonly v1?: { readonly errors?: readonly unknown[] } }
    return (v1?.errors ?? []).map(String)
  } catch {
    return []
  }
}

/** Returns the text of a file in the guest, or undefined if it does not exist. */
async function readGuestFile(
  { vmid, node }: GuestPlace,
  file: string,
  context: StepContext,
): Promise<string | undefined> {
  try {
    const { content } = await pveOf(context).nodes.$(node).qemu.$(vmid).agent['file-read'].$get({ file })
    // Proxmox returns each byte as one character.
    return Buffer.from(content, 'latin1').toString('utf8')
  } catch (thrown) {
    if (isProblem(thrown, 'no-such-file')) return undefined
    throw thrown
  }
}

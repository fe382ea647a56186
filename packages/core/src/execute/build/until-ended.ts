// Waits until a build has ended, or cannot end.
import { ProvisionError } from '../../errors.ts'
import { isTemplate } from '../../facts/cluster/template-state.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { type GuestPlace, readOwnGuest } from '../guest/guest-config.ts'
import type { StepContext } from '../step-context.ts'
import { type BuildOrder, stageOf } from './build-order.ts'
import { askGuest, type Failure, logOf, type Word } from './guest-words.ts'

export type BuildEnd =
  | { readonly state: 'well' }
  /** Another run finishes it. */
  | { readonly state: 'taken over' }
  | { readonly state: 'failed'; readonly failure: Failure; readonly hint: string }
  /** The recipe did not run from beginning to end in one boot, so its result is unknown. */
  | { readonly state: 'broken off'; readonly failure: Failure; readonly hint: string }

const FIRST_PAUSE_MS = 1_000
// A question to an agent that does not answer blocks one of a node's three daemons for 3 s.
const LAST_PAUSE_MS = 10_000

export async function untilEnded(order: BuildOrder, guest: GuestPlace, context: StepContext): Promise<BuildEnd> {
  const { clock } = context.world
  const { image } = order
  const deadlineMs = clock.now() + image.build.timeoutSeconds * 1000
  let last: Word = { state: 'silent' }
  let wasHeard = false
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LAST_PAUSE_MS)) {
    const word = await askOnce(order, guest, context)
    const end = await endOf(word, { order, guest }, context)
    if (end !== undefined) return end
    tellProgress(word, last, { order, context })
    last = word
    wasHeard ||= word.state !== 'silent'
    const leftMs = deadlineMs - clock.now()
    if (leftMs <= 0) return late({ order, guest, last, wasHeard }, context)
    await clock.sleep(Math.min(pauseMs, leftMs), context.signal)
  }
}

async function askOnce({ image }: BuildOrder, guest: GuestPlace, context: StepContext): Promise<Word> {
  try {
    return await askGuest(guest, image, context)
  } catch (thrown) {
    if (!isProblem(thrown, 'not-found')) throw thrown
    throw new ProvisionError('BUILD', `The VM ${guest.vmid} of the image ${image.name} was removed during the build.`, {
      cause: thrown,
      hint: 'Another run or another user removed it. Run again to start the build from the beginning.',
    })
  }
}

interface Asked {
  readonly order: BuildOrder
  readonly guest: GuestPlace
}

async function endOf(word: Word, { order, guest }: Asked, context: StepContext): Promise<BuildEnd | undefined> {
  if (word.state === 'well') return word
  if (word.state === 'failed') return { ...word, hint: 'Check the last lines of its log.' }
  if (word.state === 'missed')
    return {
      state: 'broken off',
      failure: {
        what: 'cloud-init has finished, but the recipe has not: the VM restarted during the build, or cloud-init did not read the CD',
        log: await logOf(guest, order.image, context),
      },
      hint: 'A recipe must not restart the VM. Does the cloud-init of the image read a NoCloud CD?',
    }
  return word.state === 'stopped' ? stopped(order, guest, context) : undefined
}

/** Another run may have stopped the guest because the build is finished. */
async function stopped(order: BuildOrder, guest: GuestPlace, context: StepContext): Promise<BuildEnd> {
  const own = await readOwnGuest(guest, order.marker, context)
  if (isTemplate(own.config) || stageOf(own) !== 'booted') return { state: 'taken over' }
  return {
    state: 'broken off',
    failure: { what: 'the VM stopped before the build was finished, for an unknown reason', log: [] },
    hint: 'A recipe must not shut the VM down (`power_state`, `poweroff`). The build does so itself.',
  }
}

interface Late extends Asked {
  readonly last: Word
  readonly wasHeard: boolean
}

async function late({ order, guest, last, wasHeard }: Late, context: StepContext): Promise<BuildEnd> {
  const { image } = order
  const within = `within ${timeText(image.build.timeoutSeconds)}`
  if (!wasHeard)
    return {
      state: 'failed',
      failure: { what: `no guest agent has answered ${within}`, log: [] },
      hint: `The image ${image.from} seems to have no agent, and installing one failed. Does the VM boot, get an address and reach a package source? Without DHCP, set an address in \`images.${image.name}.build.networkConfig\`. For more time, set \`images.${image.name}.build.timeout\`.`,
    }
  if (last.state === 'refused')
    return {
      state: 'failed',
      failure: {
        what: `its guest agent did not allow any file to be read ${within}, so its result is unknown`,
        log: [],
      },
      hint: `The image ${image.from} forbids \`guest-file-open\` or \`guest-file-read\` in the configuration of its agent. Add a command to \`images.${image.name}.build.run\` that allows them and restarts qemu-guest-agent.`,
    }
  const { command } = last.state === 'working' ? last : {}
  const at = command === undefined ? '' : `: command ${command} of ${image.build.run.length} runs`
  const log = last.state === 'working' ? await logOf(guest, image, context) : []
  return {
    state: 'failed',
    failure: { what: `it did not finish ${within}${at}`, log },
    hint: `For more time, set \`images.${image.name}.build.timeout\`.`,
  }
}

function timeText(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

function tellProgress(
  word: Word,
  last: Word,
  { order, context }: { readonly order: BuildOrder; readonly context: StepContext },
): void {
  const { name, build } = order.image
  if (word.state === 'working' && last.state === 'silent') context.note('debug', `${name}: its guest agent answers.`)
  const [command, before] = [word, last].map((one) => (one.state === 'working' ? one.command : undefined))
  if (command === undefined || command === before) return
  context.stage(`command ${command} of ${build.run.length}`)
}

// Waits until it is clear who has a vmid: it waits for guests that are being created or removed, and explains orphans.
import { ProvisionError } from '../../errors.ts'
import type { Upid } from '../../ports/pve/ids.ts'
import { listOwnRunningTasks } from '../../ports/pve/tasks/own-tasks.ts'
import type { StepContext } from '../step-context.ts'
import { type Identity, inspectGuest, type Look } from './inspect-guest.ts'
import { waitOut } from './run-task.ts'

export type SettledGuest = Exclude<Look, { readonly state: 'in flight' }>

export interface LookQuestion {
  readonly vmid: number
  readonly identity: Identity
  /** Nodes where this project may be creating the guest. */
  readonly nodes: readonly string[]
  /** True if Proxmox reported the id as taken. Then an invisible guest may be about to join the project's pool. */
  readonly taken: boolean
}

const PAUSE_MS = { first: 100, last: 1_000 }
/** How long an unfinished guest may exist without a running task of this token before it counts as an orphan. */
const PATIENCE_MS = { unseen: 3_000, unmarked: 20_000, ours: 15 * 60_000, task: 10 * 60_000 }

/**
 * Inspects the guest repeatedly while a parallel run, or a task of a killed run, creates or removes it.
 * @throws ProvisionError `CONFLICT` if a guest with this project's marker stays unfinished, `TASK` if its task does not
 * end
 */
export async function waitUntilSettled(question: LookQuestion, context: StepContext): Promise<SettledGuest> {
  const { world, signal } = context
  const beganMs = world.clock.now()
  let quietSinceMs = beganMs
  let pauseMs = PAUSE_MS.first
  let wasSeen = false
  for (;;) {
    signal.throwIfAborted()
    const look = await inspectGuest(question.vmid, question.identity, context)
    if (look.state === 'ours' || look.state === 'foreign') return look
    if (look.state === 'unseen' && (wasSeen || !question.taken)) return look
    const [task] = await tasksAtIt(question, context)
    if (task !== undefined) quietSinceMs = world.clock.now()
    // Waiting for the task itself detects a task that never ends.
    if (task !== undefined && quietSinceMs - beganMs > PATIENCE_MS.task) await waitOut(task.upid, context)
    const quietMs = world.clock.now() - quietSinceMs
    if (quietMs > patience(look)) return givenUp(look, question, context)
    if (!wasSeen && look.state === 'in flight')
      context.note('info', `${question.vmid} is being ${participle(look.lock)} (${look.lock}); waiting for it.`)
    wasSeen ||= look.state === 'in flight'
    await world.clock.sleep(pauseMs, signal)
    pauseMs = Math.min(pauseMs * 1.5, PAUSE_MS.last)
  }
}

type Unsettled = Extract<Look, { readonly state: 'in flight' | 'unseen' }>

function patience(look: Unsettled): number {
  if (look.state === 'unseen') return PATIENCE_MS.unseen
  return look.ours ? PATIENCE_MS.ours : PATIENCE_MS.unmarked
}

function participle(lock: string): string {
  return lock === 'destroyed' ? 'removed' : 'made'
}

/**
 * Returns this token's tasks. A create or a removal names the vmid; a clone names only its source, so any clone may be
 * meant.
 */
async function tasksAtIt({ vmid, nodes }: LookQuestion, { world, signal }: StepContext): Promise<readonly Upid[]> {
  const tasks = await listOwnRunningTasks(world.pve, { nodes, identity: world.pve.identity, signal })
  return tasks.filter(
    ({ type, id }) => type === 'qmclone' || (/^qm(create|destroy)$/.test(type) && id === String(vmid)),
  )
}

function givenUp(look: Unsettled, { vmid, identity }: LookQuestion, { note }: StepContext): SettledGuest {
  if (look.state === 'unseen') return { state: 'foreign', node: 'a node unknown' }
  const sentence = `${vmid} on ${look.node} stays locked (${look.lock}), but no task is running on it: ${look.lock === 'destroyed' ? 'a removal' : 'a create or clone'} was interrupted.`
  if (look.ours)
    throw new ProvisionError('CONFLICT', `${sentence} It is ${identity.name}.`, {
      hint: orphanHint(vmid, look.node),
      details: { vmid },
    })
  note('warning', `${sentence} ${orphanHint(vmid, look.node)}`)
  return { state: 'foreign', node: look.node }
}

/** No API token can clear the lock (`only root can set 'lock' config`), so a person must do this. */
export function orphanHint(vmid: number, node: string): string {
  return `Remove it as root on ${node}: qm unlock ${vmid} && qm destroy ${vmid}`
}

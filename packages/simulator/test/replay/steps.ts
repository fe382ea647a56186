// The recording as steps: each exchange with its flow, its area, and why it cannot be replayed, if so.
import type { Exchange } from '../recordings/recordings.ts'
import { unreplayable } from './unreplayable.ts'

/** `project`: requests of pve-provision; `rest`: everything else that was recorded. */
export type Area = 'project' | 'rest'

export type Step = {
  /** The line of the recording, from 0. */
  readonly index: number
  readonly flow: string
  readonly area: Area
  readonly exchange: Exchange
  /** Set if the answer depends on the recording host and not on Proxmox. */
  readonly skipped?: string
}

/** Flows about features that pve-provision never uses. */
const REST = new Set([
  'caps',
  'cicustom',
  'content-alloc',
  'efidisk',
  'feature',
  'guest-agent',
  'import-metadata',
  'machine',
  'move',
  'no-quorum',
  'pending',
  'snapshot',
  'start-kvm1',
  'upload-iso-names',
  'upload-other',
  'warnings',
  'wide-char',
  'x',
])

const UPID = /UPID[:%][^/"?\s]+/

/** Requests without a flow belong to the task that they poll, or else to the flow before them. */
export function toSteps(exchanges: readonly Exchange[]): readonly Step[] {
  const flowOfTask = new Map<string, string>()
  let before = 'basics'
  return exchanges.map((exchange, index) => {
    const task = UPID.exec(exchange.path)?.[0]
    const flow = exchange.flow ?? (task === undefined ? undefined : flowOfTask.get(decodeURIComponent(task))) ?? before
    before = flow
    const started = startedTask(exchange)
    if (started !== undefined) flowOfTask.set(started, flow)
    const skipped = unreplayable.find(({ from, to = from }) => index >= from && index <= to)?.why
    return { index, flow, area: REST.has(flow) ? 'rest' : 'project', exchange, ...(skipped && { skipped }) }
  })
}

/** Returns the UPID that is the whole answer. */
export function startedTask({ response }: { readonly response: unknown }): string | undefined {
  const data = typeof response === 'object' && response !== null && 'data' in response ? response.data : undefined
  return typeof data === 'string' && data.startsWith('UPID:') ? data : undefined
}

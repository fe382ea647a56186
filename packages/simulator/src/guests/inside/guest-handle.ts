// Access to a guest for tests: cloud-init's documents and results, and actions of a user inside the guest.

import type { Boot, Datasource, GuestDisk, PowerAction } from '../../state/boot.ts'
import type { GuestBehaviour } from '../../state/guest-behaviour.ts'
import type { Machine } from '../../state/machines.ts'
import type { World } from '../../world.ts'
import { behaviourOf } from './behaviour.ts'
import { bootOf } from './boots.ts'
import { textOfBytes } from './bytes.ts'
import { readDocuments } from './cloud-config.ts'
import { verdictOn } from './cloud-init-status.ts'

export interface CloudInitRun {
  /** `running` until it has finished, which may never happen. */
  readonly status: 'running' | 'done' | 'error'
  /** The exit code of `cloud-init status`: 0 done, 1 errors, 2 warnings. */
  readonly exitCode: number
  readonly instanceId: string | undefined
  /** True if packages, files and commands were run, false if they are known from an earlier boot. */
  readonly isNewInstance: boolean
  readonly errors: readonly string[]
  /** Commands of this boot, in order: `bootcmd`, `runcmd`, scripts. */
  readonly commands: readonly string[]
}

export interface GuestHandle {
  readonly isRunning: boolean
  /** The documents that cloud-init finds. Undefined without a datasource or without power. */
  readonly documents:
    | {
        readonly user: string
        readonly vendor: string
        readonly network: string | undefined
        readonly instanceId: string
      }
    | undefined
  /** All cloud-configs merged. */
  readonly cloudConfig: Readonly<Record<string, unknown>> | undefined
  readonly cloudInit: CloudInitRun | undefined
  readonly packages: readonly string[]
  /** By path, as UTF-8. */
  readonly files: Readonly<Record<string, string>>
  readonly hostName: string | undefined
  /** Changes the behavior of this guest. Changes that concern its boot apply from the next one on. */
  behave(behaviour: Partial<GuestBehaviour>): void
  /** Resolves when cloud-init of the current boot has finished. */
  finished(): Promise<void>
  /** Actions from inside, like those of a user at the console. */
  powerOff(): void
  reboot(): void
  killAgent(): void
}

export type ActInside = (world: World, machine: Machine, action: PowerAction) => void

/** Creates the handle. @throws if there is no such machine */
export function guestHandle(world: World, vmid: number, act: ActInside): GuestHandle {
  const machine = (): Machine => {
    const found = world.machines.find(vmid)
    if (found === undefined) throw new Error(`there is no machine ${vmid}`)
    return found
  }
  const boot = (): Boot | undefined => bootOf(world, machine())
  machine()
  return {
    get isRunning() {
      return machine().power !== undefined
    },
    get documents() {
      return documentsOf(boot()?.source)
    },
    get cloudConfig() {
      const source = boot()?.source
      return source && readDocuments(source).config
    },
    get cloudInit() {
      return runOf(boot(), behaviourOf(world, vmid))
    },
    get packages() {
      return boot()?.disk.packages ?? []
    },
    get files() {
      return filesOf(boot()?.disk)
    },
    get hostName() {
      return boot()?.disk.hostName
    },
    behave: (behaviour) => {
      world.guestBehaviours.set(vmid, { ...world.guestBehaviours.get(vmid), ...behaviour })
    },
    finished: () => finishedOf(world, vmid, boot()),
    powerOff: () => act(world, machine(), 'poweroff'),
    reboot: () => act(world, machine(), 'reboot'),
    killAgent: () => {
      const current = boot()
      if (current !== undefined) current.isAgentDead = true
    },
  }
}

function filesOf(disk: GuestDisk | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(disk?.files ?? {}).map(([path, bytes]) => [path, textOfBytes(bytes)]))
}

function documentsOf(source: Datasource | undefined): GuestHandle['documents'] {
  if (source === undefined) return undefined
  const { user, vendor, network, instanceId } = source
  return { user, vendor, network, instanceId }
}

async function finishedOf({ clock }: World, vmid: number, boot: Boot | undefined): Promise<void> {
  if (boot === undefined || !Number.isFinite(boot.finishedAt)) throw new Error(`cloud-init of ${vmid} never ends`)
  await clock.sleep(boot.finishedAt - clock.now(), boot.gone.signal)
}

function runOf(boot: Boot | undefined, behaviour: GuestBehaviour): CloudInitRun | undefined {
  if (boot === undefined || behaviour.cloudInit === 'absent') return undefined
  const { status, code, errors } = verdictOn(boot.result, behaviour)
  const { instanceId, isNewInstance = false, commands = [] } = boot.result ?? {}
  return { status, exitCode: code, instanceId, isNewInstance, errors, commands }
}

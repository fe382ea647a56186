// Boots: what happens inside a machine after it is started. The times are known from the start. The effects of
// cloud-init are computed when their time has come and something reads them.

import type { Boot, CloudInitResult, Datasource, PowerAction } from '../../state/boot.ts'
import { driveKeys, isCdrom, isCloudInit, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import type { World } from '../../world.ts'
import { configureAgent, isUnfiltered } from '../agent/agent-filter.ts'
import { bootOrder } from '../change/boot-order.ts'
import { macOf } from '../cloud-init/addresses.ts'
import { behaviourOf } from './behaviour.ts'
import { readDocuments } from './cloud-config.ts'
import { cloudInitStatus, resultFiles } from './cloud-init-status.ts'
import { findDatasource } from './datasource.ts'
import { runCloudInit } from './first-boot.ts'
import { readGuestDisk, writeGuestDisk } from './guest-disk.ts'
import { asFields, plain } from './plain.ts'
import { runShell, type ShellContext } from './shell.ts'

const noPower = (): void => undefined

/** Set by the power functions, so that this file need not import them. */
export type ActOnPower = (world: World, machine: Machine, action: PowerAction) => void

export function startBoot(world: World, machine: Machine, act: ActOnPower): Boot {
  endBoot(world, machine)
  const { latency, clock } = world
  const behaviour = behaviourOf(world, machine.vmid)
  const disk = readGuestDisk(bootVolume(world, machine))
  configureAgent(disk, behaviour)
  const hasCloudInit = behaviour.cloudInit !== 'absent'
  const source = hasCloudInit ? findDatasource(world, machine) : undefined
  const bootedAt = behaviour.boots ? clock.now() + latency.bootMs : Infinity
  const isNew = source !== undefined && source.instanceId !== disk.instanceId
  const takesMs = isNew ? latency.cloudInitMs : 0
  const finishedAt = hasCloudInit && behaviour.cloudInit !== 'never' ? bootedAt + takesMs : Infinity
  const boot: Boot = {
    disk,
    source,
    bootedAt,
    finishedAt,
    isAgentDead: false,
    isAgentFree: false,
    background: [],
    gone: new AbortController(),
    cutPower: noPower,
  }
  world.boots.set(machine.vmid, boot)
  planPower(world, machine, { boot, act })
  return boot
}

/** A machine that was running before this simulator started has finished its boot. */
export function bootOf(world: World, machine: Machine): Boot | undefined {
  if (machine.power === undefined) return undefined
  const boot = world.boots.get(machine.vmid) ?? bootedLongAgo(world, machine)
  settle(world, machine, boot)
  return boot
}

function bootedLongAgo(world: World, machine: Machine): Boot {
  const disk = readGuestDisk(bootVolume(world, machine))
  const bootedAt = (machine.power?.startedAt ?? 0) + world.latency.bootMs
  const source = findDatasource(world, machine)
  const boot: Boot = {
    disk,
    source,
    bootedAt,
    finishedAt: bootedAt,
    isAgentDead: false,
    isAgentFree: false,
    background: [],
    gone: new AbortController(),
    cutPower: noPower,
  }
  world.boots.set(machine.vmid, boot)
  return boot
}

/** Ends the boot when the power goes off. What was written stays on the disk. */
export function endBoot(world: World, machine: Machine): void {
  const boot = world.boots.get(machine.vmid)
  if (boot === undefined) return
  settle(world, machine, boot)
  boot.gone.abort()
  world.boots.delete(machine.vmid)
  writeGuestDisk(bootVolume(world, machine), boot.disk)
}

export function hasBooted(world: World, machine: Machine): boolean {
  return world.clock.now() >= (bootOf(world, machine)?.bootedAt ?? Infinity)
}

/** Applies what cloud-init has done by now. */
function settle(world: World, machine: Machine, boot: Boot): void {
  if (boot.result !== undefined || world.clock.now() < boot.finishedAt) return
  const behaviour = behaviourOf(world, machine.vmid)
  const { disk } = boot
  boot.result = nothingDone
  if (boot.source !== undefined) {
    const shell = shellOf(world, machine, boot)
    boot.result = runCloudInit({ disk, source: boot.source, behaviour, shell, macs: macsOf(machine) })
  }
  if (behaviour.cloudInit !== 'absent') Object.assign(disk.files, resultFiles(boot.result, behaviour))
  for (const script of boot.background.splice(0)) runShell(shellOf(world, machine, boot), script)
  writeGuestDisk(bootVolume(world, machine), disk)
}

const nothingDone: CloudInitResult = {
  datasource: 'DataSourceNone',
  instanceId: 'iid-datasource-none',
  isNewInstance: false,
  errors: [],
  warnings: [],
  deprecations: [],
  commands: [],
}

/** Returns what the guest's shell can use. If a command cuts the power, that happens after the command. */
export function shellOf(world: World, machine: Machine, boot: Boot): ShellContext {
  const behaviour = behaviourOf(world, machine.vmid)
  return {
    disk: boot.disk,
    failing: behaviour.failing,
    cloudInitStatus: (asJson) => cloudInitStatus(boot.result, behaviour, asJson),
    power: boot.cutPower,
    hasAgent: behaviour.agent === true,
    restartAgent: () => {
      boot.isAgentFree = isUnfiltered(boot.disk)
    },
    background: (script) => void boot.background.push(script),
  }
}

/**
 * Documents may end with a power-off (`power_state`, or a command). Then the guest acts by itself, even if nothing
 * reads it.
 */
function planPower(world: World, machine: Machine, { boot, act }: { boot: Boot; act: ActOnPower }): void {
  const { signal } = boot.gone
  const later = (action: PowerAction, delayMs: number): void => {
    void world.clock.sleep(delayMs, signal).then(() => {
      if (!signal.aborted) act(world, machine, action)
    })
  }
  boot.cutPower = (action) => later(action, world.latency.shutdownMs)
  const wanted = boot.source === undefined ? undefined : powerState(boot.source)
  if (wanted === undefined && !mayCutPower(boot.source)) return
  if (!Number.isFinite(boot.finishedAt) || boot.source?.instanceId === boot.disk.instanceId) return
  void world.clock.sleep(boot.finishedAt - world.clock.now(), signal).then(() => {
    if (signal.aborted) return
    settle(world, machine, boot)
    if (wanted !== undefined) later(wanted.action, wanted.delayMs + world.latency.shutdownMs)
  })
}

/** A command may cut the power too. */
function mayCutPower(source: Datasource | undefined): boolean {
  return /poweroff|shutdown|reboot|halt/.test(`${source?.user}${source?.vendor}`)
}

/** Parses `power_state: { mode: poweroff, delay: now }`. A halted machine stays on. */
function powerState(source: Datasource): { action: PowerAction; delayMs: number } | undefined {
  const wanted = asFields(readDocuments(source).config.power_state)
  const mode = plain(wanted.mode)
  if (wanted.condition === false) return undefined
  if (mode !== 'poweroff' && mode !== 'reboot') return undefined
  const minutes = /^\+?(\d+)$/.exec(plain(wanted.delay, 'now'))?.[1]
  return { action: mode, delayMs: Number(minutes ?? 0) * 60_000 }
}

export function macsOf({ config }: Machine): readonly string[] {
  const cards = [...config.values.keys()].filter((key) => /^net\d+$/.test(key)).sort()
  return cards.map((key) => macOf(textOf(config, key) ?? '').toLowerCase())
}

/** Returns the boot disk: the first in the boot order, or the first disk. */
function bootVolume(world: World, { config, node }: Machine): Volume | undefined {
  for (const key of [...bootOrder(config), ...driveKeys]) {
    const text = textOf(config, key)
    if (text === undefined || !driveKeys.includes(key)) continue
    const drive = parseDrive(text)
    if (isCdrom(drive) || isCloudInit(drive) || !/^[^/:]+:/.test(drive.file)) continue
    if (!world.storage.storages.has(drive.file.split(':')[0] ?? '')) continue
    return resolveVolume(world.storage.storages, drive.file, { root: world.root, node })
  }
  return undefined
}

// Changes memory, CPUs, balloon and agent of a running machine.
import { failure } from '../../errors.ts'
import { fieldsOf, isTrue } from '../../state/fields.ts'
import type { Machine } from '../../state/machines.ts'
import { type ConfigValue, textOf, type VmConfig } from '../../state/vm-config.ts'
import { behaviourOf } from '../inside/behaviour.ts'
import { hasBooted } from '../inside/boots.ts'
import { hotplugFeatures } from './hotplug-features.ts'
import type { Hotplug, Outcome } from './hotplug-work.ts'

/** Memory that is always present, in MiB (qemu-server `Memory.pm`). */
const fixedMebibytes = 1024

/** Memory is added and removed in modules, so the result may be more than requested. */
export function hotplugMemory({ call, machine }: Hotplug, value: string): Outcome {
  const { config } = machine
  if (!hotplugFeatures(config).has('memory')) return 'pending'
  const [now, wanted] = [mebibytes(textOf(config, 'memory') ?? '512'), mebibytes(value)]
  if (wanted === now) return 'applied'
  if (wanted < fixedMebibytes) throw failure(`memory can't be lower than ${fixedMebibytes} MB`)
  if (wanted < now && !(behaviourOf(call.world, machine.vmid).hotplug && hasBooted(call.world, machine))) {
    throw failure(`400 Parameter verification failed.\ndimm0: error unplug memory module\n`)
  }
  config.pending.set('memory', String(wholeModules(wanted)))
  return 'applied'
}

function mebibytes(memory: string): number {
  return Number(memory.replace(/^current=/, ''))
}

/** 32 modules of 512 MiB, then 32 of 1 GiB, and so on. */
function wholeModules(wanted: number): number {
  let size = fixedMebibytes
  for (let module = 0, step = 512; size < wanted; module += 1) {
    if (module > 0 && module % 32 === 0) step *= 2
    size += step
  }
  return size
}

export function hotplugProcessors({ config }: Machine, wanted: number | undefined): Outcome {
  if (!hotplugFeatures(config).has('cpu')) return 'pending'
  const most = Number(config.values.get('sockets') ?? 1) * Number(config.values.get('cores') ?? 1)
  if ((wanted ?? most) > most) throw failure("you can't add more vcpus than maxcpus")
  return 'applied'
}

/** The size of a balloon can change, but the device cannot be added or removed. */
export function balloonTakesOver(config: VmConfig, value: string): boolean {
  const isOn = (balloon: ConfigValue | undefined): boolean => balloon === undefined || Number(balloon) !== 0
  return isOn(config.values.get('balloon')) === isOn(Number(value))
}

/** Only `fstrim_cloned_disks` may differ. A disabled agent has no other options. */
export function agentTakesOver(config: VmConfig, value: string): boolean {
  const before = textOf(config, 'agent')
  return before !== undefined && essence(before) === essence(value)
}

function essence(agent: string): string {
  const fields = fieldsOf(agent, 'enabled')
  if (!isTrue(fields.get('enabled'))) return ''
  fields.set('enabled', '1').delete('fstrim_cloned_disks')
  return [...fields]
    .map((pair) => pair.join('='))
    .sort()
    .join()
}

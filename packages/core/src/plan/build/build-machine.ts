// Derives the machine in which an image is built from one that uses the image, because both must boot alike.
import type { Build } from '../../manifest/build-recipe.ts'
import type { Machine, Network } from '../../manifest/manifest.ts'
import type { StepOf } from '../step.ts'

/** Package managers need more memory than the smallest machines have. */
const LEAST_MEMORY_MIB = 1024

/** Returns a machine with the processor, firmware and network of `like`, without its identity, disks and devices. */
export function buildMachine(
  like: Machine,
  step: Pick<StepOf<'build'>, 'name' | 'at' | 'cdAt'>,
  build: Build,
): Machine {
  const { cpu, memory, firmware, networks, machineType, osType, nodes: _, ...rest } = like
  const { description: _1, cloudInit: _2, ha: _3, startup: _4, vga: _5, watchdog: _6, smbios: _7, ...plain } = rest
  const { vmid: _8, bootOrder: _9, rng: _10, pool: _11, ...machine } = plain
  return {
    ...machine,
    name: step.name,
    nodes: [step.at.node],
    storage: { images: step.cdAt.storage, disks: step.at.storage },
    cpu: { cores: cpu.cores, sockets: cpu.sockets, numa: false, ...(cpu.type !== undefined && { type: cpu.type }) },
    memory: { memoryMiB: Math.max(memory.memoryMiB, LEAST_MEMORY_MIB) },
    firmware: { ...firmware, tpm: false },
    ...(machineType !== undefined && { machineType }),
    osType,
    // `fstrim` has an effect only if the disk passes discards on.
    disk: { discard: true, ...(build.diskBytes !== undefined && { sizeBytes: build.diskBytes }) },
    disks: [],
    cdroms: [],
    devices: [],
    networks: networks.slice(0, 1).map(plainCard),
    serial: true,
    agent: true,
    onBoot: false,
    protection: false,
    tags: [],
    fullClone: false,
    start: true,
    wait: { for: 'none' },
  }
}

/** Returns a card in the same network, without MAC address and limits. */
function plainCard({ bridge, model, vlan, mtu }: Network): Network {
  return { bridge, model, ...(vlan !== undefined && { vlan }), ...(mtu !== undefined && { mtu }) }
}

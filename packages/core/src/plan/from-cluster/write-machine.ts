// Converts an existing machine to a manifest entry, and lists what no key can express.
import { OWNER_TAG, readText } from '../../facts/cluster/marker.ts'
import type { SurveyedMachine } from '../../facts/cluster/survey-machines.ts'
import { memoryOf } from '../compare/same-value.ts'
import { formatProperties, parseProperties, splitTags, textOf } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'
import { writeCloudInit } from './write-cloud-init.ts'
import { writeBoot, writeCards, writeConsole, writeDevices, writeHelpers } from './write-devices.ts'
import { disksStorage, writeDisks } from './write-disks.ts'
import {
  defined,
  exactSize,
  flagOf,
  join,
  type Keys,
  NOTHING,
  numberOf,
  said,
  unsaid,
  type Written,
} from './written.ts'

export interface Entry {
  readonly keys: Keys
  /** Clauses that complete "is left alone". */
  readonly unsaid: readonly string[]
}

export interface Places {
  /** The image that the machine was created from. */
  readonly image: string
  /** The storage for images of new machines. */
  readonly imagesStorage: string
  /** The disk storage for a machine without a disk. */
  readonly disksStorage: string
}

/** Does not check if a manifest accepts all keys; `statable.ts` does that. */
export function writeMachine(machine: SurveyedMachine, places: Places): Entry {
  const { config } = machine
  const { keys, unsaid, covers } = join([
    said({
      image: places.image,
      vmid: machine.vmid,
      node: machine.node,
      storage: { images: places.imagesStorage, disks: disksStorage(config) ?? places.disksStorage },
      pool: machine.pool,
    }),
    writeProcessor(config),
    writeKind(config),
    writeDisks(config),
    writeCards(config),
    writeDevices(config),
    writeConsole(config),
    writeHelpers(config),
    writeBoot(config),
    writeHa(machine),
    writeIdentity(config),
    writeCloudInit(config),
    said({ start: machine.status === 'running' ? true : undefined }),
  ])
  const seen = new Set([...covers, ...QUIET])
  const others = Object.keys(config).filter((key) => !seen.has(key))
  const rest = others.length === 0 ? [] : [`${others.sort().join(', ')} in Proxmox's config`]
  return { keys, unsaid: [...unsaid, ...rest] }
}

/** Options that belong to the machine itself or are reported elsewhere. */
const QUIET = ['digest', 'meta', 'vmgenid', 'parent', 'template', 'lock']

function writeProcessor(config: Config): Written {
  const cpu = parseProperties(config.cpu, 'cputype')
  const balloon = numberOf(config.balloon)
  return join([
    said(
      {
        cores: numberOf(config.cores) ?? 1,
        sockets: several(config.sockets),
        cpuLimit: numberOf(config.cpulimit),
        cpuUnits: numberOf(config.cpuunits),
        numa: flagOf(config.numa) === true ? true : undefined,
        memory: exactSize(memoryOf(config.memory ?? DEFAULT_MEMORY_MIB) * MIB),
        balloon: balloon === undefined ? undefined : balloon === 0 ? false : exactSize(balloon * MIB),
      },
      'cores',
      'sockets',
      'cpulimit',
      'cpuunits',
      'numa',
      'memory',
      'balloon',
      'cpu',
    ),
    config.cpu === undefined
      ? NOTHING
      : cpu.has('cputype')
        ? said({ cpu: formatProperties(cpu, 'cputype') })
        : unsaid('its CPU, which has flags but no type'),
  ])
}

const MIB = 1024 ** 2
const DEFAULT_MEMORY_MIB = 512

function several(value: unknown): number | undefined {
  const count = numberOf(value) ?? 1
  return count > 1 ? count : undefined
}

const OS_TYPES = ['l26', 'l24', 'other', 'win11', 'win10', 'win8', 'win7', 'solaris']

function writeKind({ machine, ostype, scsihw }: Config): Written {
  const type = parseProperties(machine, 'type')
  return join([
    machine === undefined ? NOTHING : said({ machine: formatProperties(type, 'type') }, 'machine'),
    ostype === undefined
      ? NOTHING
      : OS_TYPES.includes(textOf(ostype))
        ? said({ osType: textOf(ostype) }, 'ostype')
        : unsaid(`its OS type (${textOf(ostype)})`, 'ostype'),
    scsihw === 'virtio-scsi-single' ? said({}, 'scsihw') : NOTHING,
  ])
}

function writeHa({ ha }: SurveyedMachine): Written {
  if (ha === undefined) return NOTHING
  if (ha.settings === undefined) return said({ ha: true })
  const { group, maxRestart, maxRelocate, rule } = ha.settings
  const settings = defined({
    group,
    nodes: rule?.nodes,
    strict: rule?.strict === true ? true : undefined,
    maxRestart: maxRestart === 1 ? undefined : maxRestart,
    maxRelocate: maxRelocate === 1 ? undefined : maxRelocate,
  })
  return said({ ha: Object.keys(settings).length === 0 ? true : settings })
}

function writeIdentity(config: Config): Written {
  const tags = splitTags(config.tags).filter((tag) => tag !== OWNER_TAG)
  return said(
    {
      tags: tags.length === 0 ? undefined : tags,
      description: readText(config.description) || undefined,
    },
    'name',
    'tags',
    'description',
  )
}

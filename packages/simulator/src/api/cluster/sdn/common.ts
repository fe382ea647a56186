// What SDN's zones, VNets and subnets have in common (pve-network `API2/Network/SDN/*.pm`). Nothing is applied: each
// object stays new.
import { failure, sentenceOf } from '../../../errors.ts'
import type { Section, SectionFileName, SectionFiles } from '../../../state/section-file.ts'
import type { Call } from '../../call.ts'
import { changeFile } from '../../sections.ts'

export const zoneRoot = '/cluster/sdn/zones'
export const vnetRoot = '/cluster/sdn/vnets'

export const audit = ['SDN.Audit', 'SDN.Allocate']

export type Row = Record<string, unknown>

/** A section with its name. */
export type Named = readonly [name: string, section: Section]

/** With `pending`, what is not applied stands apart, and there is no digest. With `running`, only what is applied is there: nothing. */
export function row(call: Call, plain: Row, own: Row): Row {
  return call.flag('pending') ? { ...plain, digest: null, state: 'new', pending: own } : { ...plain, ...own }
}

export const noRunning = (call: Call): boolean => call.flag('running') && !call.flag('pending')

/** Changes a file in the lock of SDN. An error is appended to what was tried: `create sdn zone object failed`. */
export function changeSdn(
  call: Call,
  { file, doing }: { file: SectionFileName; doing: string },
  work: () => void,
): null {
  try {
    return changeFile(call, file, work)
  } catch (error) {
    const [verb, noun] = doing.split(' ')
    throw failure(`${verb} sdn ${noun} object failed: ${sentenceOf(error)}`)
  }
}

export const files = ({ world }: Call): SectionFiles => world.sectionFiles

export const zoneOf = ({ settings }: Section): string => settings.get('zone') ?? ''

/** Returns a VNet that the caller may use. */
export function requireVnet(call: Call, ...privileges: readonly string[]): Named {
  const vnet = call.text('vnet')
  const section = files(call).vnets.sections.get(vnet)
  if (section === undefined) throw failure(`sdn vnet '${vnet}' does not exist`)
  call.needsAny(`/sdn/zones/${zoneOf(section)}/${vnet}`, ...privileges)
  return [vnet, section]
}

export const subnetsOf = (call: Call, vnet: string): readonly Named[] =>
  [...files(call).subnets.sections].filter(([, { settings }]) => settings.get('vnet') === vnet)

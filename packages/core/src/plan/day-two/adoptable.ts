// Decides which existing VMs can be adopted, and creates their marker.
import { ProvisionError } from '../../errors.ts'
import { type Marker, OWNER_TAG, readMarker, readText, writeDescription } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { withTag } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'

export interface Candidate {
  readonly machine: Machine
  readonly vmid: number
  readonly config: Config
  readonly project: string
  /** Allow VMs that carry the marker of another project. */
  readonly fromOthers: boolean
  /** The machines of the project. */
  readonly guests: readonly GuestFacts[]
}

/** Returns why a VM cannot be adopted, or undefined if it can. */
export function adoptable({
  machine,
  vmid,
  config,
  project,
  fromOthers,
  guests,
}: Candidate): ProvisionError | undefined {
  const marker = readMarker(config.description, vmid)
  const refuse = (message: string, hint: string) =>
    new ProvisionError('CONFLICT', message, { hint, details: { machine: machine.name, vmid } })
  if (config.template === 1 || config.template === '1')
    return refuse(`${vmid} is a template; only VMs can be adopted.`, 'Clone it, or use it as an image: `template`.')
  if (typeof config.lock === 'string' && config.lock !== '')
    return refuse(`${vmid} is locked (${config.lock}).`, 'Wait until that task has finished, then adopt it.')
  const holder = guests.find((guest) => guest.marker.name === machine.name && guest.vmid !== vmid)
  if (holder !== undefined)
    return refuse(
      `${machine.name} is ${holder.vmid} on ${holder.node} already, so ${vmid} cannot become it as well.`,
      `Declare ${vmid} under another name, or remove the other VM first: pve-provision destroy --only ${machine.name}@${holder.vmid}`,
    )
  if (marker === undefined) return undefined
  if (marker.project !== project)
    return fromOthers
      ? undefined
      : refuse(
          `${vmid} belongs to the project ${marker.project}, as ${marker.name}.`,
          'To adopt it from that project: --from-others',
        )
  if (marker.name === machine.name) return undefined
  return refuse(
    `${vmid} already belongs to this project, as ${marker.name}.`,
    `To rename it, set \`renamedFrom: ${marker.name}\` in ${machine.entry}.`,
  )
}

/** Returns true if a VM already has the marker of this machine. Its marker knows more than that of an adopted VM. */
export function isAdopted({ name }: Pick<Machine, 'name'>, marker: Marker | undefined, project: string): boolean {
  return marker !== undefined && marker.project === project && marker.kind === 'machine' && marker.name === name
}

/** Creates the marker of an adopted VM. The build of its image is unknown, and nothing of it was declared yet. */
export function adoptedMarker({ name, image, file }: Machine, project: string): Marker {
  return { project, name, kind: 'machine', image, base: '', spec: '', ...(file !== undefined && { file }) }
}

/** Returns the config of a machine after it is adopted. */
export function takenOver(config: Config, marker: Marker): Config {
  return {
    ...config,
    tags: withTag(config.tags, OWNER_TAG),
    description: writeDescription(marker, readText(config.description)),
  }
}

// An image that is an existing template in Proxmox. It is cloned as it is and never changed.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import pMap from 'p-map'
import { ProvisionError } from '../../errors.ts'
import type { TemplateImage } from '../../manifest/manifest.ts'
import type { World } from '../../ports/world.ts'
import type { ResourceRow } from '../cluster/observe-cluster.ts'
import { readConfig } from '../cluster/observe-guests.ts'
import type { ForeignTemplate, ImageFacts } from '../facts.ts'

const QUESTIONS_AT_ONCE = 8
/** The bus position of the boot disk. */
const BOOT_DISK = 'scsi0'

/**
 * Returns the templates that match an image, at most one for each node.
 * @throws ProvisionError `CONFLICT` if there is none, more than one on a node, or none that can be used
 */
export async function resolveTemplate(
  image: TemplateImage,
  { pve }: Pick<World, 'pve'>,
  rows: readonly ResourceRow[],
): Promise<ImageFacts> {
  const matching = rows.filter((row) => row.type === 'qemu' && isNamed(row, image.template))
  const templates = matching.filter(({ template }) => Boolean(template))
  if (templates.length === 0) throw notThere(image, matching)
  const found = await pMap(templates, (row) => lookAt(row, image, pve), { concurrency: QUESTIONS_AT_ONCE })
  const byNode = Map.groupBy(found, ({ node }) => node)
  for (const [node, several] of byNode) if (several.length > 1) throw ambiguous(image, node, several)
  const [first] = found
  return {
    name: image.name,
    digest: `sha256:${bytesToHex(sha256(utf8ToBytes(`template ${found.map(({ vmid }) => vmid).join(' ')}`)))}`,
    digestFrom: 'none',
    url: new URL(`template:${first?.vmid ?? 0}`),
    templates: found,
    signature: 'not asked for',
    compression: 'none',
    ...(first?.diskBytes !== undefined && { virtualSizeBytes: first.diskBytes }),
  }
}

function isNamed({ vmid, name, tags = '' }: ResourceRow, wanted: TemplateImage['template']): boolean {
  if ('vmid' in wanted) return vmid === wanted.vmid
  if ('name' in wanted) return name === wanted.name
  return tags.split(/[;, ]/).includes(wanted.tag)
}

async function lookAt(row: ResourceRow, image: TemplateImage, pve: World['pve']): Promise<ForeignTemplate> {
  const { vmid = 0, node = '', name = `${vmid}` } = row
  const config: Readonly<Record<string, unknown>> = (await readConfig({ vmid, node }, pve)) ?? {}
  const disk = typeof config[BOOT_DISK] === 'string' ? config[BOOT_DISK] : ''
  const [, storage] = /^([^:,]+):/.exec(disk) ?? []
  if (storage === undefined) {
    throw new ProvisionError('CONFLICT', `Template ${vmid} of ${image.name} has no disk ${BOOT_DISK}.`, {
      hint: `Machines boot from ${BOOT_DISK}: attach its disk there, or use another template.`,
      details: { vmid, node },
    })
  }
  const diskBytes = bytesOf(/(?:^|,)size=(\d+)([KMGT]?)(?:,|$)/.exec(disk))
  return { vmid, node, name, storage, ...(diskBytes !== undefined && { diskBytes }) }
}

function bytesOf(size: RegExpExecArray | null): number | undefined {
  return size === null ? undefined : Number(size[1]) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(size[2] ?? '')
}

function wordsOf(template: TemplateImage['template']): string {
  if ('vmid' in template) return `with the id ${template.vmid}`
  return 'name' in template ? `called ${template.name}` : `with the tag ${template.tag}`
}

function notThere({ name, template }: TemplateImage, matching: readonly ResourceRow[]): ProvisionError {
  const [guest] = matching
  const hint =
    guest === undefined
      ? 'The token may not see it: it needs VM.Audit and VM.Clone on the template.'
      : `${guest.vmid} on ${guest.node} is a VM: \`qm template ${guest.vmid}\` converts it to a template.`
  return new ProvisionError('CONFLICT', `There is no template ${wordsOf(template)} for the image ${name}.`, { hint })
}

function ambiguous(
  { name, template }: TemplateImage,
  node: string,
  several: readonly ForeignTemplate[],
): ProvisionError {
  const ids = several.map(({ vmid }) => vmid).join(', ')
  return new ProvisionError(
    'CONFLICT',
    `${several.length} templates ${wordsOf(template)} are on ${node}: which one is ${name}?`,
    {
      hint: `They are ${ids}: use the ID of one of them, or remove the ${'tag' in template ? 'tag' : 'name'} from the others.`,
    },
  )
}

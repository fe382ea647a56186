// The variables of the role that came before → an equivalent manifest, with a note for whatever could not be carried over.
import { ProvisionError } from '@pve-provision/core'
import { LineCounter, parseDocument, stringify } from 'yaml'
import type { Places } from './places.ts'
import { imagesFromRole } from './role-images.ts'
import { machinesFromRole } from './role-machines.ts'
import { isMapping, type Mapping, textOf } from './role-values.ts'

export interface Converted {
  readonly text: string
  readonly notes: readonly string[]
}

const KNOWN = ['proxmox_cloud_init_images', 'proxmox_dirs', 'vms']

/** @throws ProvisionError `USAGE` when the file is no YAML, or holds none of the role's variables */
export function fromAnsible(text: string, file: string, places: Places): Converted {
  const variables = readVariables(text, file)
  const notes: string[] = []
  const images = imagesFromRole(variables.proxmox_cloud_init_images, notes)
  const vms = machinesFromRole(variables.vms, { images: Object.keys(images), places, notes })
  for (const key of Object.keys(variables))
    if (!KNOWN.includes(key)) notes.push(`${key} was left out: there is nothing like it here.`)
  notes.push(...placeNotes(variables, places))
  const { project, nodes, imagesStorage, disksStorage, bridge } = places
  const manifest = {
    project,
    images,
    defaults: {
      ...(nodes.length === 1 ? { node: nodes[0] } : { nodes }),
      storage: { images: imagesStorage, disks: disksStorage },
      network: { bridge },
    },
    vms,
  }
  return { text: `# From ${file}\n${stringify(manifest, { lineWidth: 0 })}`, notes }
}

/** As Ansible reads it, which is YAML 1.1: `yes` is true there. */
function readVariables(text: string, file: string): Mapping {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { version: '1.1', logLevel: 'silent', lineCounter, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0])
    throw new ProvisionError('USAGE', `${file}:${line}:${col}: ${error.message}`)
  }
  const variables: unknown = document.toJS()
  if (isMapping(variables) && KNOWN.some((key) => key in variables)) return variables
  throw new ProvisionError('USAGE', `${file} has none of the role's variables.`, {
    hint: `It should hold ${KNOWN.join(', ')}.`,
  })
}

function placeNotes({ proxmox_dirs: folders }: Mapping, { imagesStorage, guessed }: Places): readonly string[] {
  const folder = isMapping(folders) ? textOf(folders.isos) : ''
  const moved = `proxmox_dirs.isos (${folder}) became storage "${imagesStorage}": images go through Proxmox's API, not into a folder.`
  const guess = 'node, storages and bridge in `defaults` are guesses: look at them before you plan.'
  return [...(folder === '' ? [] : [moved]), ...(guessed ? [guess] : [])]
}

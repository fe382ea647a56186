// Keeps the keys of an entry that a manifest accepts and that would not change the machine.
import { ProvisionError } from '../../errors.ts'
import type { SurveyedMachine } from '../../facts/cluster/survey-machines.ts'
import { parseManifest } from '../../manifest/parse-manifest.ts'
import type { ManifestProblem } from '../../manifest/read/read-yaml.ts'
import { changeText } from '../change/change-text.ts'
import { compareMachine } from '../compare/compare-machine.ts'
import { adoptedMarker, takenOver } from '../day-two/adoptable.ts'
import { literal } from './literal.ts'
import type { Entry } from './write-machine.ts'
import type { Keys } from './written.ts'

/** Keys that an entry must have. */
const NEEDED = ['image', 'node', 'storage']

/** A key of the manifest, or one of `cloudInit`. */
interface Piece {
  readonly name: string
  readonly keys: Keys
}

/**
 * Returns the entry without keys that would change the machine or that a manifest refuses. Adds the reason for each.
 */
export function statable(entry: Entry, machine: SurveyedMachine): Entry {
  if (faultOf(entry.keys, machine) === undefined) return entry
  let keys: Keys = Object.fromEntries(NEEDED.map((key) => [key, entry.keys[key]]))
  const unsaid: string[] = []
  for (const { name, keys: piece } of piecesOf(entry.keys)) {
    const more = withPiece(keys, piece)
    const fault = faultOf(more, machine)
    if (fault === undefined) keys = more
    else unsaid.push(`\`${name}\`, because ${fault}`)
  }
  return { keys, unsaid: [...entry.unsaid, ...unsaid] }
}

/** Sorts dependent keys after the keys that they depend on. */
function piecesOf({ cloudInit, network, ...others }: Keys): readonly Piece[] {
  const rest = Object.entries(others).filter(([key]) => !NEEDED.includes(key))
  const init = Object.entries((cloudInit ?? {}) as Keys)
  const isAddress = ([key]: readonly [string, unknown]) => /^(ip6?|gateway6?|addresses)$/.test(key)
  const addresses = init.filter(isAddress)
  return [
    ...rest.map(([key, value]) => ({ name: key, keys: { [key]: value } })),
    ...(network === undefined ? [] : [{ name: 'network', keys: { network } }]),
    ...init
      .filter((one) => !isAddress(one))
      .map(([key, value]) => ({ name: `cloudInit.${key}`, keys: { cloudInit: { [key]: value } } })),
    ...(addresses.length === 0
      ? []
      : [{ name: `cloudInit.${addresses[0]?.[0]}`, keys: { cloudInit: Object.fromEntries(addresses) } }]),
  ]
}

function withPiece(keys: Keys, piece: Keys): Keys {
  const { cloudInit } = piece
  if (cloudInit === undefined) return { ...keys, ...piece }
  return { ...keys, cloudInit: { ...(keys.cloudInit as Keys | undefined), ...(cloudInit as Keys) } }
}

/** Returns why a manifest with these keys does not describe the existing machine, as a clause. */
function faultOf(keys: Keys, machine: SurveyedMachine): string | undefined {
  const project = machine.marker?.project ?? PROJECT
  const text = JSON.stringify(
    literal({ project, images: { [String(keys.image)]: { unknown: true } }, vms: { [machine.name]: keys } }),
  )
  try {
    const { desired } = parseManifest({ text, file: 'manifest' })
    const [declared] = desired.machines
    if (declared === undefined) return 'it creates no machine'
    const marker = machine.marker ?? adoptedMarker(declared, project)
    const guest = { ...machine, template: false, marker, pending: [], config: takenOver(machine.config, marker) }
    const { changes, differences, problem, action } = compareMachine(declared, guest, { project })
    const [change] = changes
    if (change?.key === 'cloudInit')
      return 'the cloud-init drive of Proxmox does not support it, so a plan would replace the drive with a NoCloud ISO'
    if (change !== undefined) return `a plan would then change ${changeText(change)}`
    if (differences[0] !== undefined) return `a plan would then report ${differences[0].key}`
    return problem?.message ?? (action === 'keep' ? undefined : 'a plan would then change the machine')
  } catch (thrown) {
    if (!(thrown instanceof ProvisionError) || thrown.code !== 'MANIFEST') throw thrown
    const [first] = (thrown.details.problems ?? []) as readonly ManifestProblem[]
    return `a manifest does not allow it: ${first?.message ?? thrown.message}`
  }
}

const PROJECT = 'written'

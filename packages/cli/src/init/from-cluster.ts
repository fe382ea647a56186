// Writes the manifest text for existing machines, with comments for what no key can express.
import { ProvisionError } from '@pve-provision/core'
import { type DescribedCluster, describeCluster, type MachineSurvey } from '@pve-provision/core/advanced'
import { Document, isCollection, isMap, isPair, isScalar, visit, type YAMLMap } from 'yaml'
import { splitCommon } from './common.ts'

export interface WrittenManifest {
  readonly text: string
  /** Names of the machines in the text. */
  readonly machines: readonly string[]
  /** Sentences: which machines have no entry, and why. */
  readonly leftOut: readonly string[]
}

export interface ClusterChoices {
  readonly project: string
  readonly imagesStorage: string
  readonly disksStorage: string
}

/** @throws ProvisionError `USAGE` if no machine can be written */
export function fromCluster(survey: MachineSurvey, { project, ...storages }: ClusterChoices): WrittenManifest {
  const described = describeCluster(survey, project, storages)
  const machines = Object.keys(described.machines)
  if (machines.length === 0)
    throw new ProvisionError('USAGE', 'There is no VM that could be written to a manifest.', {
      hint: described.leftOut.join('\n') || 'The token needs VM.Audit on the machines: docs/permissions.md',
    })
  return { text: textOf(described, project), machines, leftOut: described.leftOut }
}

function textOf({ images, machines, leftOut }: DescribedCluster, project: string): string {
  const { defaults, machines: vms } = splitCommon(
    Object.fromEntries(Object.entries(machines).map(([name, { keys }]) => [name, keys])),
  )
  const document = new Document({ project, images, ...(Object.keys(defaults).length > 0 && { defaults }), vms })
  document.commentBefore = commentOf(leftOut)
  for (const [name, { unsaid }] of Object.entries(machines)) comment(document.getIn(['vms'], true), name, unsaid)
  visit(document, { Map: (_, node) => shorten(node), Seq: (_, node) => shorten(node) })
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}

function commentOf(leftOut: readonly string[]): string {
  return [
    'Written from existing machines. Adopt them with `pve-provision adopt --all`; a plan then has nothing to do.',
    '`unknown: true` marks an image whose source is not known: set its source before you replace a machine or',
    'create another one.',
    ...(leftOut.length === 0 ? [] : ['', 'Left out:', ...leftOut.map((sentence) => `- ${sentence}`)]),
  ]
    .map((line) => ` ${line}`)
    .join('\n')
}

/** Adds a comment above the name of the machine. */
function comment(vms: unknown, name: string, unsaid: readonly string[]): void {
  if (!isMap(vms) || unsaid.length === 0) return
  const pair = (vms as YAMLMap).items.find(({ key }) => isScalar(key) && key.value === name)
  if (!isPair(pair) || !isScalar(pair.key)) return
  const lines = [
    'Left unchanged, because the manifest does not support it:',
    ...unsaid.map((clause) => `- ${oneLine(clause)}`),
  ]
  pair.key.commentBefore = lines.map((line) => ` ${line}`).join('\n')
}

function oneLine(clause: string): string {
  return clause.replace(/\s+/g, ' ')
}

const SHORT = 90

/** Puts small mappings and lists on one line. */
function shorten(node: unknown): void {
  if (!isCollection(node)) return
  const value = JSON.stringify(node)
  const isPlain = !/"(vms|images|defaults|project)":/.test(value) && !value.includes('\\n')
  if (isPlain && value.length <= SHORT && !value.includes('"vmid"')) node.flow = true
}

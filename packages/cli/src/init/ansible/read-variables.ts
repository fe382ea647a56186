// Reads an Ansible file: variables, or plays with tasks of the module proxmox_kvm.
import { ProvisionError } from '@pve-provision/core'
import { syntaxProblems } from '@pve-provision/core/advanced'
import { LineCounter, parseDocument } from 'yaml'
import { isMapping, type Mapping, textOf } from './values.ts'

export interface AnsibleFile {
  readonly variables: Mapping
  /** Arguments of the tasks that create machines. */
  readonly tasks: readonly Mapping[]
}

/** Parses YAML 1.1, as Ansible does: `yes` is true. @throws ProvisionError `USAGE` if it is not YAML */
export function readAnsible(text: string, file: string): AnsibleFile {
  const lineCounter = new LineCounter()
  const options = { version: '1.1', logLevel: 'silent', lineCounter, prettyErrors: false } as const
  // A vault value stays text, and is reported later.
  const document = parseDocument(text, {
    ...options,
    customTags: [{ tag: '!vault', resolve: (value: string) => value }],
  })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0])
    const [problem] = syntaxProblems(text, [error])
    throw new ProvisionError(
      'USAGE',
      `${file}:${line}:${col}: This is not valid YAML. ${problem?.message ?? ''}`.trim(),
    )
  }
  const value: unknown = document.toJS()
  if (Array.isArray(value)) return fromPlays(value.filter(isMapping))
  return isMapping(value) ? fromPlays([{ vars: value, ...value }]) : { variables: {}, tasks: [] }
}

const MODULES = /^(community\.(general|proxmox)\.)?proxmox_kvm$/

function fromPlays(plays: readonly Mapping[]): AnsibleFile {
  const variables = Object.assign({}, ...plays.map(({ vars }) => (isMapping(vars) ? vars : {}))) as Mapping
  return { variables, tasks: plays.flatMap(tasksIn) }
}

/** Returns the tasks of a play or a block, or the task itself. */
function tasksIn(play: Mapping): readonly Mapping[] {
  const own = Object.entries(play).flatMap(([key, value]) => (MODULES.test(key) && isMapping(value) ? [value] : []))
  const inner = ['pre_tasks', 'tasks', 'post_tasks', 'block', 'roles'].flatMap((key) => {
    const list = play[key]
    return Array.isArray(list) ? list.filter(isMapping) : []
  })
  return [...own.filter(makesMachine), ...inner.flatMap(tasksIn)]
}

/** Other tasks only start, stop or remove a machine. */
function makesMachine(task: Mapping): boolean {
  return (
    textOf(task.name) !== '' &&
    ['clone', 'memory', 'cores', 'net', 'scsi', 'virtio', 'ipconfig'].some((key) => key in task)
  )
}

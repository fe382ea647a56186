// Reads an Ansible file: variables, or plays with tasks of the module proxmox_kvm.
import { ProvisionError } from '@pve-provision/core'
import { syntaxProblems } from '@pve-provision/core/advanced'
import { LineCounter, parseDocument } from 'yaml'
import { loopVariable, repeated } from './loops.ts'
import { isMapping, type Mapping, textOf } from './values.ts'

export interface AnsibleFile {
  /** Without the entries of loops, which are in the tasks. */
  readonly variables: Mapping
  /** Arguments of the tasks that create or start machines. */
  readonly tasks: readonly Mapping[]
  /** Other modules for Proxmox that the file uses. */
  readonly otherModules: readonly string[]
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
  return isMapping(value) ? fromPlays([{ vars: value, ...value }]) : { variables: {}, tasks: [], otherModules: [] }
}

const MODULES = /^(community\.(general|proxmox)\.)?proxmox_kvm$/
const OTHER_MODULES = /^(?:community\.(?:general|proxmox)\.)?proxmox(?:_\w+)?$/

function fromPlays(plays: readonly Mapping[]): AnsibleFile {
  const variables = Object.assign({}, ...plays.map(({ vars }) => (isMapping(vars) ? vars : {}))) as Mapping
  const all = [...plays, ...plays.flatMap(tasksIn)]
  // The first are the plays themselves, or the variables of a role.
  const modules = all.slice(plays.length).flatMap((task) => Object.keys(task))
  const looped = new Set(all.filter((task) => Object.keys(task).some((key) => MODULES.test(key))).map(loopVariable))
  return {
    variables: Object.fromEntries(Object.entries(variables).filter(([key]) => !looped.has(key))),
    tasks: all.flatMap((task) => tasksOf(task, variables)),
    otherModules: [...new Set(modules)].filter((key) => OTHER_MODULES.test(key) && !MODULES.test(key)),
  }
}

/** Returns the tasks in a play or a block. */
function tasksIn(play: Mapping): readonly Mapping[] {
  const inner = ['pre_tasks', 'tasks', 'post_tasks', 'block', 'roles'].flatMap((key) => {
    const list = play[key]
    return Array.isArray(list) ? list.filter(isMapping) : []
  })
  return inner.flatMap((task) => [task, ...tasksIn(task)])
}

function tasksOf(task: Mapping, variables: Mapping): readonly Mapping[] {
  return Object.entries(task)
    .flatMap(([key, args]) => (MODULES.test(key) && isMapping(args) ? repeated(args, task, variables) : []))
    .filter((args) => makesMachine(args) || startsMachine(args))
}

/** Other tasks only start, stop or remove a machine. */
export function makesMachine(task: Mapping): boolean {
  return (
    textOf(task.name) !== '' &&
    ['clone', 'memory', 'cores', 'net', 'scsi', 'virtio', 'ipconfig'].some((key) => key in task)
  )
}

function startsMachine({ name, state }: Mapping): boolean {
  return textOf(name) !== '' && /^(started|restarted)$/.test(textOf(state))
}

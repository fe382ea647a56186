// Formats a plan for people: totals, machines and images, problems, then notes.
import {
  type Desired,
  isAsDeclared,
  type MachineAction,
  type Plan,
  type PlannedMachine,
  type Step,
} from '@pve-provision/core'
import { changesIn, differs, estimateMs } from '@pve-provision/core/advanced'
import { bytesText, countText, durationText, leftDifferent } from '@pve-provision/core/text'
import type { Durations } from '../../durations.ts'
import { sentenceLines } from '../copyable.ts'
import type { Terminal } from '../terminal.ts'
import { hanging, wrap } from '../wrap.ts'
import { imageTexts } from './image-lines.ts'
import { groupMachines, type MachineGroup } from './machine-groups.ts'
import { problemSection } from './problem-lines.ts'
import { stepLines } from './step-lines.ts'

export interface PlanTextOptions {
  /** The desired state of the machines in the plan. */
  readonly desired: Desired
  readonly terminal: Terminal
  readonly durations?: Durations
  /** Show every group and every step, with reasons. */
  readonly verbose?: boolean
  /** The message if there is nothing to do, without a full stop. */
  readonly nothing?: string
}

export function planText(plan: Plan, options: PlanTextOptions): string {
  const { terminal, verbose = false } = options
  const sections = [
    wrap(totals(plan, options), terminal.columns),
    ...SECTIONS.map(({ action, head, sign }) => machineSection(plan, { action, head, sign }, options)),
    imageSection(plan, terminal),
    templateSection(plan, terminal),
    problemSection(plan, { terminal, limit: verbose ? Number.POSITIVE_INFINITY : MOST_GROUPS }),
    verbose ? ['Steps', ...stepLines(plan, terminal)] : [],
    wrap(closing(plan, options), terminal.columns).filter((line) => line !== ''),
    plan.notes.flatMap((note) => noteLines(note, terminal)),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

type Sign = Readonly<{ text: string; colour: 'green' | 'yellow' | 'red' }>

interface Section {
  readonly action: MachineAction
  readonly head: string
  readonly sign: Sign
}

const SECTIONS: readonly Section[] = [
  { action: 'create', head: 'Create', sign: { text: '+', colour: 'green' } },
  { action: 'adopt', head: 'Adopt', sign: { text: '~', colour: 'yellow' } },
  { action: 'update', head: 'Change', sign: { text: '~', colour: 'yellow' } },
  { action: 'restart', head: 'Restart', sign: { text: '~', colour: 'yellow' } },
  { action: 'move', head: 'Move', sign: { text: '~', colour: 'yellow' } },
  { action: 'replace', head: 'Replace', sign: { text: '±', colour: 'red' } },
  { action: 'remove', head: 'Remove', sign: { text: '-', colour: 'red' } },
]

const TOTALS: Readonly<Record<Exclude<MachineAction, 'keep'>, string>> = {
  create: 'to create',
  adopt: 'to adopt',
  update: 'to change',
  restart: 'to restart',
  move: 'to move',
  replace: 'to replace',
  remove: 'to remove',
  blocked: 'with problems',
}

const KEPT = ['as declared', 'on an older build of the image', 'left different'] as const

/** Each machine is counted once. */
function keptAs(machine: PlannedMachine): (typeof KEPT)[number] {
  if (differs(machine)) return 'left different'
  return machine.outdated === undefined ? 'as declared' : 'on an older build of the image'
}

/** `homelab: 3 machines to create, 1 to change, 12 as declared.` */
function totals(plan: Plan, { desired, nothing = 'Nothing to do' }: PlanTextOptions): string {
  const { machines, steps } = plan
  const isIdle = steps.every(({ action }) => action === 'keep') && plan.problems.length === 0
  if (isIdle) return `${idleText(plan, nothing)}.`
  const kept = Map.groupBy(
    machines.filter(({ action }) => action === 'keep'),
    keptAs,
  )
  const counts = [
    ...Object.entries(TOTALS).map(
      ([action, word]) => [machines.filter((one) => one.action === action).length, word] as const,
    ),
    ...KEPT.map((word) => [kept.get(word)?.length ?? 0, word] as const),
  ].filter(([count]) => count > 0)
  const parts = counts.map(([count, word], index) => `${index === 0 ? countText(count, 'machine') : count} ${word}`)
  return `${desired.project}: ${parts.length === 0 ? countText(changesIn(plan), 'step') : parts.join(', ')}.`
}

/** Returns the message for a plan without changes, without a full stop. */
export function idleText(plan: Plan, nothing: string): string {
  const different = leftDifferent(plan)
  if (different.length > 0) return `${nothing}, but ${different.join(', and ')}`
  return isAsDeclared(plan) && nothing === 'Nothing to do'
    ? `${nothing}: everything is as declared (${countText(plan.machines.length, 'machine')})`
    : nothing
}

/** Users do not read plans with more groups than this. */
const MOST_GROUPS = 12

function machineSection(plan: Plan, { action, head, sign }: Section, options: PlanTextOptions): string[] {
  const { desired, terminal, verbose = false } = options
  const machines = plan.machines.filter((machine) => machine.action === action)
  if (machines.length === 0) return []
  const groups = groupMachines(machines, desired)
  const shown = verbose ? groups : groups.slice(0, MOST_GROUPS)
  const left = groups.slice(shown.length).flatMap((group) => group.machines).length
  const width = Math.min(TITLE_CELLS, Math.max(...shown.map(({ title }) => title.length)))
  return [
    head,
    ...shown.flatMap((group) => groupLines(group, { sign, width, terminal })),
    ...(left === 0 ? [] : [`  and ${countText(left, 'more machine')} (--verbose lists them)`]),
  ]
}

const TITLE_CELLS = 28

interface GroupLook {
  readonly sign: Sign
  readonly width: number
  readonly terminal: Terminal
}

/** Puts a single line beside the name if it fits. Several lines, or a long one, go below it. */
function groupLines({ title, lines }: MachineGroup, { sign, width, terminal }: GroupLook): string[] {
  const { columns, paint } = terminal
  const lead = paint[sign.colour](sign.text)
  const [only = ''] = lines
  const beside = columns - width - 5
  if (lines.length <= 1 && title.length <= width && beside >= 30) {
    const [first = '', ...rest] = wrap(only, beside)
    return [
      `${lead} ${title.padEnd(width)}  ${first}`.trimEnd(),
      ...rest.map((line) => `${' '.repeat(width + 4)}${line}`),
    ]
  }
  const indent = (line: string) => 6 + line.length - line.trimStart().length
  return [`${lead} ${title}`, ...lines.flatMap((line) => hanging(`    ${line}`, columns, indent(line)))]
}

function imageSection(plan: Plan, { columns, paint }: Terminal): string[] {
  const images = imageTexts(plan)
  if (images.length === 0) return []
  const width = Math.max(...images.map(({ name }) => name.length))
  return [
    'Images',
    ...images.flatMap(({ name, text }) => {
      const [first = '', ...rest] = wrap(text, Math.max(30, columns - width - 5))
      return [
        `${paint.green('+')} ${name.padEnd(width)}  ${first}`,
        ...rest.map((line) => `${' '.repeat(width + 4)}${line}`),
      ]
    }),
  ]
}

/** Names the templates that are removed with their last machine. */
function templateSection({ steps }: Plan, { columns, paint }: Terminal): string[] {
  const removed = steps.filter((step) => step.kind === 'destroy' && step.template && step.action === 'run')
  if (removed.length === 0) return []
  return [
    'Templates',
    ...removed.flatMap((step) => {
      if (step.kind !== 'destroy') return []
      // The marker of a template is called `template:debian-13@pve1/local 4b4c473b69a429e2`, or `build:…`.
      const [, image = step.name] = /^(?:template|build):(.+)@\S+ \S+$/.exec(step.name) ?? []
      const text = `${image} (${step.vmid} on ${step.node})`
      const [first = '', ...rest] = wrap(text, Math.max(30, columns - 3))
      return [`${paint.red('-')} ${first}`, ...rest.map((line) => `    ${line}`)]
    }),
  ]
}

function noteLines(note: string, { columns, paint }: Terminal): string[] {
  const [first = '', ...rest] = sentenceLines(note, columns - 5)
  return [`${paint.yellow('note')} ${first}`, ...rest.map((line) => `     ${line}`)]
}

function closing(plan: Plan, { desired, durations = new Map(), verbose = false }: PlanTextOptions): string {
  const running = plan.steps.filter(({ action }) => action === 'run')
  if (running.length === 0) return ''
  const isRefused = plan.problems.some(({ step }) => step === undefined)
  const changes = changesIn(plan)
  const unfit = running.length - changes
  const parts = [
    ...(changes === 0
      ? []
      : [`${countText(changes, 'step')} to run${isRefused ? ' once these problems are solved' : ''}`]),
    ...(unfit === 0 ? [] : [`${countText(unfit, 'step')} blocked`]),
    ...traffic(running),
  ]
  const estimate = unfit > 0 || isRefused ? undefined : estimateMs(plan, { durations, limits: desired.limits })
  const time = estimate === undefined ? '' : `; about ${roughly(estimate)}, judging by past runs`
  return `${parts.join(', ')}${time}.${verbose ? '' : ' Each step with its reason: --verbose.'}`
}

/** Separates bytes that this computer downloads from bytes that only Proxmox downloads, because their costs differ. */
function traffic(running: readonly Step[]): readonly string[] {
  const sum = (steps: readonly Step[]) =>
    steps.reduce((bytes, step) => bytes + ('sizeBytes' in step ? (step.sizeBytes ?? 0) : 0), 0)
  const isFetched = (step: Step) => (step.kind === 'download' && step.file === undefined) || step.kind === 'stream'
  const here = sum(running.filter(isFetched))
  const there = sum(running.filter(({ kind }) => kind === 'pull'))
  return [
    ...(here > 0 ? [`${bytesText(here)} to download here`] : []),
    ...(there > 0 ? [`${bytesText(there)} for Proxmox to download`] : []),
  ]
}

/** Rounds an estimate, so that it does not look like a measurement. */
function roughly(ms: number): string {
  return durationText(Math.max(1, Math.round(ms / 1000)) * 1000).replace('.0 s', ' s')
}

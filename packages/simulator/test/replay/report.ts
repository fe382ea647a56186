// Figures of a replay for each flow, each area and in total, and the page that lists the differences.

import { reasons } from './reasons.ts'
import type { Played } from './replay.ts'
import { IN_TEXTS, MAY_DIFFER } from './tolerances.ts'
import { unreplayable } from './unreplayable.ts'

export type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target?: number
  readonly ok: boolean
}

export type FlowResult = {
  readonly flow: string
  readonly area: string
  readonly compared: number
  readonly agreed: number
  readonly skipped: number
}

/** Agreement in percent. The targets are 100 % of the project's own flows and 95 % of the rest. */
export function figuresOf(played: readonly Played[]): readonly Figure[] {
  const figure = (name: string, some: readonly Played[], target?: number): Figure => {
    const value = percent(tally(name, some))
    const goal = target === undefined ? {} : { target }
    return { name, value, unit: '%', ...goal, ok: target === undefined || value >= target }
  }
  const inArea = (area: string) => played.filter(({ step }) => step.area === area)
  return [
    figure('replay: all', played),
    figure('replay: project', inArea('project'), 100),
    figure('replay: rest', inArea('rest'), 95),
    ...flowsOf(played).map(({ flow }) =>
      figure(
        `replay: flow ${flow}`,
        played.filter(({ step }) => step.flow === flow),
      ),
    ),
  ]
}

export function flowsOf(played: readonly Played[]): readonly FlowResult[] {
  return [...Map.groupBy(played, ({ step }) => step.flow)].map(([flow, some]) => tally(flow, some))
}

function tally(flow: string, some: readonly Played[]): FlowResult {
  const compared = some.filter(({ step }) => step.skipped === undefined)
  return {
    flow,
    area: some[0]?.step.area ?? 'rest',
    compared: compared.length,
    agreed: compared.filter(({ differences }) => differences.length === 0).length,
    skipped: some.length - compared.length,
  }
}

function percent({ agreed, compared }: FlowResult): number {
  return compared === 0 ? 100 : Math.round((agreed / compared) * 1000) / 10
}

/** Formats the table for the terminal. */
export function asTable(played: readonly Played[]): string {
  const rows = flowsOf(played).map(
    (row) => [row.flow, row.area, `${row.agreed}/${row.compared}`, `${percent(row)} %`] as const,
  )
  const sums = (['project', 'rest'] as const).map((area) => {
    const row = tally(
      area,
      played.filter(({ step }) => step.area === area),
    )
    return [`all of ${area}`, '', `${row.agreed}/${row.compared}`, `${percent(row)} %`] as const
  })
  const all = tally('all', played)
  const lines = [...rows, ...sums, ['all', '', `${all.agreed}/${all.compared}`, `${percent(all)} %`] as const]
  const text = lines.map(
    ([flow, area, count, share]) => `${flow.padEnd(32)}${area.padEnd(10)}${count.padStart(12)}${share.padStart(10)}`,
  )
  return `${text.join('\n')}\n`
}

/** Formats all remaining differences, for developers. */
export function asDifferences(played: readonly Played[]): string {
  const text = (value: unknown) => JSON.stringify(value)?.slice(0, 400) ?? 'nothing'
  return played
    .filter(({ differences }) => differences.length > 0)
    .map(({ step, differences }) => {
      const { method, path, body } = step.exchange
      const fields = differences.map(
        ({ field, recorded, simulated }) =>
          `    ${field}\n      recorded:  ${text(recorded)}\n      simulated: ${text(simulated)}\n`,
      )
      return `#${step.index} ${step.flow} ${method} ${path} ${(body ?? '').slice(0, 120)}\n${fields.join('')}`
    })
    .join('\n')
}

/** docs/replay.md */
export function asPage(played: readonly Played[]): string {
  const flows = flowsOf(played).map(
    (row) => `| ${row.flow} | ${row.area} | ${row.agreed} of ${row.compared} | ${row.skipped || ''} |`,
  )
  const sum = (area?: string) =>
    tally(
      '',
      played.filter(({ step }) => area === undefined || step.area === area),
    )
  const line = (name: string, row: FlowResult) => `| ${name} | ${row.agreed} of ${row.compared} | ${percent(row)} % |`
  const differing = played.filter(({ differences }) => differences.length > 0)
  return `# The simulator against a real server

Every exchange of a recording with a real Proxmox VE 8.4 is sent to the simulator over the wire, in the recorded order and
with the recorded state, and each answer is compared: status, reason phrase, headers, every field of the body, task exit
statuses and log lines. This page is written by \`npm run check:replay -- --page\`.

| | agree | |
|---|---|---|
${line('what pve-provision asks of a server', sum('project'))}
${line('the rest', sum('rest'))}
${line('all', sum())}

## Remaining differences

${differing.length === 0 ? 'None.' : differing.map(differenceLine).join('\n')}

## What may differ

${[...Map.groupBy(MAY_DIFFER, ({ why }) => why)].map(toleranceLine).join('\n')}

In texts:

${IN_TEXTS.map(({ why }) => `- ${why}`).join('\n')}
- progress of a copy: one line, however often it was reported

## Not replayed

These exchanges recorded the recording host rather than Proxmox. They are not counted.

${unreplayable.map(({ from, to, why }) => `- ${to === undefined ? from : `${from}–${to}`}: ${why}`).join('\n')}

## By flow

| flow | area | agree | not replayed |
|---|---|---|---|
${flows.join('\n')}
`
}

function toleranceLine([why, tolerances]: readonly [string, readonly { readonly keys: readonly string[] }[]]): string {
  const keys = new Set(tolerances.flatMap((tolerance) => tolerance.keys))
  return `- ${why}: ${[...keys].map((key) => `\`${key}\``).join(', ')}`
}

function differenceLine({ step, differences }: Played): string {
  const { method, path } = step.exchange
  const fields = [...new Set(differences.map(({ field }) => field))].slice(0, 4).join(', ')
  const shown = decodeURIComponent(path)
    .replace('/api2/json', '')
    .replace(/UPID:[^/]*/, 'UPID:…')
  return `- ${step.index} (${step.flow}): \`${method} ${shown}\` differs in ${fields}. ${reasons.get(step.index) ?? 'Not explained yet.'}`
}

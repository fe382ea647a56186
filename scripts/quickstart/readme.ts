// Puts the final output of the quickstart into the README, between its markers.
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const MARKED = /<!-- quickstart -->\n[\s\S]*?<!-- \/quickstart -->/
/** How much of the table is shown as an example. */
const TABLE_LINES = 8

/** `summary` is the text of both runs; `readme` is the path of the README. */
export function writeIntoReadme(readme: string, summary: string, mirrorMiBPerSecond: number): void {
  const lines = summary.split('\n')
  const table = lines.slice(lines.findIndex((line) => line.startsWith('step ')))
  const from = lines.findIndex((line) => line.startsWith('First run:'))
  const sums = lines.slice(from, lines.indexOf('', from))
  const block = ['```', ...table.slice(0, TABLE_LINES), '…', ...sums, '```']
  const where = `${availableParallelism()} cores, images from a mirror of ${mirrorMiBPerSecond} MiB/s a connection`
  const text = `<!-- quickstart -->\nIts output ends like this (${where}):\n\n${block.join('\n')}\n\n<!-- /quickstart -->`
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(MARKED, () => text),
  )
}

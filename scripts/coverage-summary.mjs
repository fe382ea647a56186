// Formats the coverage of each package as a Markdown table, for a workflow's summary. Run it after `npm run coverage`.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const SUMMARY = '.cache/coverage/coverage-summary.json'
const KINDS = ['lines', 'branches', 'functions']

const { total, ...files } = JSON.parse(readFileSync(SUMMARY, 'utf8'))
const packages = Object.groupBy(Object.entries(files), ([file]) => relative('.', file).split(/[\\/]/)[1])

console.log('### Coverage\n')
console.log('What runs as a process of its own, as the bundles of the command line and the action do, is not seen.\n')
console.log('| package | files | lines | branches | functions |\n|---|---:|---:|---:|---:|')
for (const [name, entries] of Object.entries(packages).toSorted(([one], [other]) => (one < other ? -1 : 1))) {
  console.log(row(name, entries.length, sumOf(entries.map(([, counts]) => counts))))
}
console.log(row('all', Object.keys(files).length, total))

function row(name, count, counts) {
  const shares = KINDS.map((kind) => `${((100 * counts[kind].covered) / Math.max(1, counts[kind].total)).toFixed(1)} %`)
  return `| ${[name, count, ...shares].join(' | ')} |`
}

function sumOf(all) {
  const sum = (kind, key) => all.reduce((result, counts) => result + counts[kind][key], 0)
  return Object.fromEntries(KINDS.map((kind) => [kind, { covered: sum(kind, 'covered'), total: sum(kind, 'total') }]))
}

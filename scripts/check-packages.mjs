// Holds each published package against what npm, Node and TypeScript expect of it.
import { spawnSync } from 'node:child_process'

const PACKAGES = [
  { folder: 'packages/core', types: true },
  { folder: 'packages/simulator', types: true },
  { folder: 'packages/cli', types: false },
]

const failures = PACKAGES.flatMap(({ folder, types }) => [
  ...attempt('publint', ['--strict', folder]),
  ...(types ? attempt('attw', ['--pack', folder, '--profile', 'esm-only']) : []),
])
for (const failure of failures) console.error(`✗ ${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

function attempt(tool, args) {
  const { status } = spawnSync(tool, args, { stdio: 'inherit' })
  return status === 0 ? [] : [`${tool} ${args.join(' ')}`]
}

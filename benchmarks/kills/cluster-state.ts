// Checks a cluster after the last run: each machine exists once and is complete, and nothing else exists.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Simulator } from '@pve-provision/simulator'

/** Returns what is wrong, or nothing if all is right. Names of templates are compared without their digest. */
export function findProblems(simulator: Simulator, names: readonly string[]): readonly string[] {
  const machines = [...simulator.world.machines.all()]
  const configs = machines.map(({ vmid, config }) => ({ vmid, values: config.values }))
  const found = configs.map(({ values }) => String(values.get('name') ?? '').replace(/^(tpl-[a-z]+)-.*/, '$1')).sort()
  const text = JSON.stringify(configs.map(({ values }) => [...values.values()]))
  const disks = globSync('nodes/*/**/images/*/*', { cwd: simulator.dataDirectory })
  return [
    ...(found.join() === [...names].sort().join() ? [] : [`guests are ${found.join(', ')}`]),
    ...configs.filter(({ values }) => values.has('lock')).map(({ vmid }) => `${vmid} is locked`),
    ...disks
      .filter((file) => !text.includes(file.split('/').slice(-2).join('/')))
      .map((file) => `nothing uses ${file}`),
    ...unfinishedFiles(simulator.dataDirectory),
  ]
}

function unfinishedFiles(data: string): readonly string[] {
  return globSync('nodes/*/var/lib/vz/**/*.tmp*', { cwd: data }).map((file) => `left behind: ${join('…', file)}`)
}

// Problems that a plan has on any cluster. They are found without requests, so a check of the manifest alone reports
// them too.
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { refusal } from '../../manifest/read/read-yaml.ts'
import { positionOf } from './problem.ts'

/**
 * Checks only the manifest.
 * @throws ProvisionError `MANIFEST` with all problems that a plan would have on any cluster
 */
export function refuseImpossible({ machines, files }: Desired): void {
  const problems = machines.flatMap((machine) => {
    const [message, hint] = waitWithoutStart(machine) ?? []
    const place = positionOf(machine, 'wait')
    return message === undefined || place === undefined ? [] : [{ ...place, message: `${message} ${hint}` }]
  })
  if (problems.length > 0) throw refusal(files, problems)
}

/** An explicit `start: false` is intended. Without it, the wait would silently have no effect. */
export function waitWithoutStart({ name, wait, start, declared }: Machine) {
  if (wait.for === 'none' || start || declared.has('start')) return undefined
  return [
    `${name} has \`wait\` but not \`start: true\`, so there is nothing to wait for.`,
    'Set `start: true`, or remove `wait`.',
  ] as const
}

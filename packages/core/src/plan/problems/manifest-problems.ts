// What a plan refuses whatever the cluster is like: said without asking anybody where only the manifest is checked.
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { refusal } from '../../manifest/read/read-yaml.ts'
import { positionOf } from './problem.ts'

/**
 * For a run that looks at nothing but the manifest.
 * @throws ProvisionError `MANIFEST` with all that a plan of it would refuse in any case
 */
export function refuseImpossible({ machines, files }: Desired): void {
  const problems = machines.flatMap((machine) => {
    const [message, hint] = waitWithoutStart(machine) ?? []
    const place = positionOf(machine, 'wait')
    return message === undefined || place === undefined ? [] : [{ ...place, message: `${message} ${hint}` }]
  })
  if (problems.length > 0) throw refusal(files, problems)
}

/** `start: false` says that it is meant; without a word, the wait would be forgotten. */
export function waitWithoutStart({ name, wait, start, declared }: Machine) {
  if (wait.for === 'none' || start || declared.has('start')) return undefined
  return [
    `${name} says \`wait\`, and not \`start: true\`: nothing would be waited for.`,
    'Say `start: true`, or leave out `wait`.',
  ] as const
}

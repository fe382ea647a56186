// Mode `doctor`: finds what would make an apply fail, each with its remedy. Changes nothing.
import { clusterFindings, manifestFindings, observe } from '@pve-provision/core/advanced'
import { annotate, say } from '../log.ts'
import type { Around, Ending, Work } from './work.ts'

/** @throws ProvisionError if Proxmox is unreachable or refuses access */
export async function doctor({ signal }: Work, { desired, world, lock, summary }: Around): Promise<Ending> {
  const facts = await observe(desired, world, { lock, factsMaxAgeMs: 0, signal })
  const findings = [...clusterFindings(facts), ...manifestFindings(desired, facts)]
  for (const finding of findings) say(`${finding.ok ? '✓' : '✗'} ${finding.name}: ${finding.message}`)
  // Problems with the same remedy get one annotation, not one for each machine.
  const wrong = findings.filter(({ ok }) => !ok)
  const kinds = Map.groupBy(wrong, ({ name, message, remedy }) => JSON.stringify([name, remedy ?? message]))
  for (const [first] of kinds.values())
    if (first) annotate(first.name, [first.message, ...(first.remedy ?? [])].join('\n'))
  return { summary: { ...summary, findings } }
}

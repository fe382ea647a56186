// Mode `doctor`: finds what would make an apply fail, and how to fix it. It changes nothing.
import { clusterFindings, type DoctorFinding, manifestFindings, observe } from '@pve-provision/core/advanced'
import { annotate, say } from '../log.ts'
import type { Around, Ending, Work } from './work.ts'

/** @throws ProvisionError if Proxmox is unreachable or refuses access */
export async function doctor({ signal }: Work, { desired, world, lock, summary }: Around): Promise<Ending> {
  const facts = await observe(desired, world, { lock, factsMaxAgeMs: 0, signal })
  const findings = [...clusterFindings(facts), ...manifestFindings(desired, facts)]
  for (const finding of findings) show(finding)
  return { summary: { ...summary, findings } }
}

function show({ name, ok, message, remedy = [] }: DoctorFinding): void {
  say(`${ok ? '✓' : '✗'} ${name}: ${message}`)
  if (!ok) annotate(name, [message, ...remedy].join('\n'))
}

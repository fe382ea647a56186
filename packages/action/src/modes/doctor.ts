// Mode `doctor`: what an apply would stumble over, each with what is wrong and what puts it right. Nothing is changed.
import { clusterFindings, type DoctorFinding, manifestFindings, observe } from '@pve-provision/core/advanced'
import { annotate, say } from '../log.ts'
import type { Around, Ending, Work } from './work.ts'

/** @throws ProvisionError when Proxmox cannot be reached or refuses us */
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

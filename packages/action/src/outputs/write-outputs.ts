// Writes the results of a run: outputs for later steps, report and summary as files, and the summary on the job's page.

import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as core from '@actions/core'
import { changesIn } from '@pve-provision/core/advanced'
import { errorDocument, planDocument, reportDocument } from '@pve-provision/core/text'
import { warning } from '../log.ts'
import type { Ending } from '../modes/work.ts'
import { redact, redactValues } from '../secrets.ts'
import { type RunSummary, runMarkdown } from '../summary/markdown.ts'
import { addressesByName, inventoryText, machinesByName, machinesOf } from './machine-outputs.ts'

export interface WriteSettings {
  /** Whether to write the summary on the job's page. */
  readonly writesSummary: boolean
  readonly temporaryDirectory: string
}

/** All outputs of a job may have 1 MiB together. A longer plan is only in the report. */
const OUTPUT_LIMIT = 256 * 1024

export async function writeOutputs(
  ending: Ending,
  { writesSummary, temporaryDirectory }: WriteSettings,
): Promise<void> {
  const { summary } = ending
  const reportFile = join(temporaryDirectory, 'report.json')
  const summaryFile = join(temporaryDirectory, 'summary.md')
  const markdown = runMarkdown(summary)
  await writeFile(reportFile, JSON.stringify(redactValues(documentOf(summary)), undefined, 2))
  await writeFile(summaryFile, markdown)
  if (writesSummary) await writeSummary(markdown)
  const inventoryFile = join(temporaryDirectory, 'inventory.yaml')
  await writeFile(inventoryFile, redact(inventoryText(ending)))
  const outputs = { ...outputsOf(ending), report: reportFile, summary: summaryFile, inventory: inventoryFile }
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
}

/** Writes the summary on the job's page. */
export function writeSummaryOf(summary: RunSummary): Promise<void> {
  return writeSummary(runMarkdown(summary))
}

function documentOf({ plan, report, error, statements, findings }: RunSummary) {
  return {
    ...(statements && { statements }),
    ...(findings && { findings }),
    ...(error && { error: errorDocument(error) }),
    ...(plan && { plan: planDocument(plan) }),
    ...(report && reportDocument(report)),
  }
}

async function writeSummary(markdown: string): Promise<void> {
  const file = process.env.GITHUB_STEP_SUMMARY
  if (!file) return
  await appendFile(file, markdown).catch((error: Error) =>
    warning(`The summary could not be written: ${error.message}`),
  )
}

function outputsOf(ending: Ending): Readonly<Record<string, string>> {
  const { summary, prepared } = ending
  const { plan, report } = summary
  const { serialMs = 0, bytesSaved = 0 } = report?.metrics ?? {}
  const planned = plan ? changesIn(plan) : 0
  return {
    ...changesOf(ending, planned),
    plan: plan ? planText(JSON.stringify(redactValues(planDocument(plan))), planned) : '',
    'plan-digest': plan?.digest ?? '',
    vms: JSON.stringify(redactValues(machinesOf(ending))),
    'vms-by-name': JSON.stringify(redactValues(machinesByName(ending))),
    addresses: JSON.stringify(redactValues(addressesByName(ending))),
    'proxmox-version': prepared?.facts.cluster.version.text ?? '',
    'facts-cache-hit': String(prepared?.facts.cluster.cached !== undefined),
    'steps-ms': String(Math.round(serialMs)),
    'saved-bytes': String(bytesSaved),
  }
}

/** Counts the steps that were done or planned. For `pin`, counts the lock file entries that changed. */
function changesOf({ summary: { report }, moved }: Ending, planned: number): { changed: string; changes: string } {
  const done = report?.outcomes.filter(({ status }) => status === 'done').length
  const changes = moved ?? done ?? planned
  return { changed: String(report ? report.changed : changes > 0), changes: String(changes) }
}

function planText(whole: string, changes: number): string {
  return whole.length <= OUTPUT_LIMIT ? whole : JSON.stringify({ changes, steps: [], truncated: true })
}

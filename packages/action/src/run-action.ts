// The main part of a run: restores facts, reads the manifest, and runs the mode.
import { toProvisionError } from '@pve-provision/core/advanced'
import { nameInWorkspace } from './annotations.ts'
import { warning } from './log.ts'
import { loadLockFile, loadManifest } from './manifest.ts'
import { doctor } from './modes/doctor.ts'
import { pin } from './modes/pin.ts'
import { planAndApply } from './modes/plan-and-apply.ts'
import { validate } from './modes/validate.ts'
import { type Around, type Beginning, type Ending, ended, type Work } from './modes/work.ts'
import { hide } from './secrets.ts'
import type { RunSummary } from './summary/markdown.ts'
import { waitForCache } from './wait-for-cache.ts'
import { openWorld } from './world.ts'

/** Never rejects. An error becomes part of the summary. */
export async function work(job: Work): Promise<Ending> {
  const { inputs, factsCache, signal } = job
  const project = nameInWorkspace(inputs.manifestFile, process.env.GITHUB_WORKSPACE ?? '.')
  const begun: RunSummary = { project, mode: inputs.mode }
  // Starts at once. Only requests that the cache may answer wait for it.
  const restoring = factsCache.restore(signal).catch(restoreTrouble)
  try {
    const { desired, secrets } = loadManifest(inputs, process.env)
    for (const secret of secrets) hide(secret)
    const lock = loadLockFile(inputs, process.env)
    const summary = { ...begun, project: desired.project }
    if (inputs.mode === 'validate') return validate({ desired, lock, restoring, summary })
    return await withWorld(job, { desired, lock, restoring, summary })
  } catch (thrown) {
    return ended(begun, thrown)
  } finally {
    await restoring
  }
}

function restoreTrouble(thrown: unknown): undefined {
  warning(`The workflow's cache could not be used: ${toProvisionError(thrown).message}`)
}

async function withWorld(job: Work, beginning: Beginning): Promise<Ending> {
  const opened = openWorld(job.inputs, beginning.desired, {
    environment: process.env,
    factsDirectory: job.factsDirectory,
  })
  const around: Around = { ...beginning, world: waitForCache(opened, beginning.restoring) }
  try {
    return await runMode(job, around)
  } catch (thrown) {
    return ended(beginning.summary, thrown)
  } finally {
    opened.pve.close()
  }
}

function runMode(job: Work, around: Around): Promise<Ending> {
  const { mode } = job.inputs
  if (mode === 'pin') return pin(job, around)
  return mode === 'doctor' ? doctor(job, around) : planAndApply(job, around)
}

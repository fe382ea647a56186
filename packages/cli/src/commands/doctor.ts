// `doctor`: finds what would make a run fail, and how to fix it. It changes nothing.
import { type Desired, type LockFile, type ProvisionError, parseManifest } from '@pve-provision/core'
import {
  clusterFindings,
  connectionFailure,
  manifestFindings,
  observe,
  toProvisionError,
} from '@pve-provision/core/advanced'
import { countText } from '@pve-provision/core/text'
import { checkCache, checkQemuImg } from '../doctor/check-here.ts'
import { copyableFinding, type Finding, findingsText } from '../doctor/finding.ts'
import { EXIT, exitCodeOf } from '../exit-codes.ts'
import { readExistingLock } from '../lock.ts'
import { loadManifest } from '../manifest.ts'
import { type CommonOptions, filesText } from '../options.ts'
import { worldFromEnvironment } from '../settings.ts'
import { nameManifest } from '../text/copyable.ts'
import { writeDocument, writeText } from '../text/output.ts'
import { stdoutTerminal } from '../text/terminal.ts'

export async function doctorCommand(options: CommonOptions): Promise<number> {
  const manifest = manifestOrFinding(options)
  const { findings, error } = await askCluster(manifest)
  const all = [
    ...findings.connection,
    ...manifest.findings,
    ...findings.manifest,
    await checkQemuImg(),
    await checkCache(),
  ].map(copyableFinding)
  const ok = all.every((finding) => finding.ok)
  if (options.json) writeDocument({ ok, findings: all })
  else writeText(findingsText(all, stdoutTerminal))
  if (error !== undefined) return exitCodeOf(error)
  return ok ? EXIT.fine : EXIT.failed
}

interface Known {
  /** Absent if the manifest is missing or invalid. The cluster is checked anyway. */
  readonly desired?: Desired
  readonly lock?: LockFile | undefined
  readonly findings: readonly Finding[]
}

/** Reads the manifest and the lock file. A pinned image needs no request to the vendor. */
function manifestOrFinding(options: CommonOptions): Known {
  try {
    const { desired } = loadManifest(options)
    nameManifest(options.file)
    const message = `${filesText(options)}: ${countText(desired.images.size, 'image')}, ${countText(desired.machines.length, 'machine')}`
    return { desired, lock: readExistingLock(options), findings: [{ name: 'manifest', ok: true, message }] }
  } catch (thrown) {
    const { message, hint } = toProvisionError(thrown)
    return { findings: [{ name: 'manifest', ok: false, message, ...(hint && { remedy: [hint] }) }] }
  }
}

interface Asked {
  readonly findings: { readonly connection: readonly Finding[]; readonly manifest: readonly Finding[] }
  /** Why the cluster could not be read. */
  readonly error?: ProvisionError
}

async function askCluster({ desired, lock }: Known): Promise<Asked> {
  try {
    const world = worldFromEnvironment(desired?.limits)
    try {
      const facts = await observe(desired ?? nobody(), world, { lock, factsMaxAgeMs: 0 })
      const manifest = desired ? manifestFindings(desired, facts) : []
      return { findings: { connection: clusterFindings(facts), manifest } }
    } finally {
      world.pve.close()
    }
  } catch (thrown) {
    const error = toProvisionError(thrown)
    return { findings: { connection: [connectionFailure(error)], manifest: [] }, error }
  }
}

/** An empty manifest. */
function nobody(): Desired {
  return parseManifest({ text: 'project: doctor\nimages: {}\nvms: {}\n', file: 'doctor' }).desired
}

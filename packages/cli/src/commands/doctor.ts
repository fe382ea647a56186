// `doctor`: what a run would stumble over, each with what is wrong and what mends it; changes nothing.
import { access, constants, mkdir } from 'node:fs/promises'
import {
  complaintsAbout,
  type Facts,
  makePlan,
  observe,
  ProvisionError,
  toProvisionError,
  type World,
} from '@pve-provision/core'
import type { CommonOptions } from '../cli.ts'
import { EXIT, exitCodeOf } from '../exit-codes.ts'
import { withManifest } from '../run.ts'
import { cacheDirectory } from '../settings.ts'
import { paint } from '../text/paint.ts'
import { wrap } from '../text/wrap.ts'

interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly message: string
  /** What mends it. */
  readonly remedy?: readonly string[]
}

export function doctorCommand(options: CommonOptions): Promise<number> {
  return withManifest(options, async ({ desired, world, signal }) => {
    const local = [await checkQemuImg(world), await checkCache()]
    const cluster = await observeOrFail(() => observe(desired, world, { signal, factsMaxAgeMs: 0 }))
    const findings = cluster instanceof ProvisionError ? [connectionFailure(cluster)] : clusterFindings(cluster)
    if (!(cluster instanceof ProvisionError)) {
      // As if nothing were there yet: what the whole manifest needs, not only what is lacking today.
      const facts = { ...cluster, guests: [], volumes: new Map() }
      const complaints = complaintsAbout(desired, facts, makePlan(desired, facts))
      findings.push(
        ...complaints.map(({ sentence, remedy }) => ({ name: 'manifest', ok: false, message: sentence, remedy })),
      )
      if (complaints.length === 0)
        findings.push({
          name: 'manifest',
          ok: true,
          message: 'nodes, storages, bridges, space and privileges are as it needs them',
        })
    }
    const all = [...findings, ...local]
    if (options.json) process.stdout.write(`${JSON.stringify({ ok: all.every(({ ok }) => ok), findings: all })}\n`)
    else process.stderr.write(`${all.flatMap(findingLines).join('\n')}\n`)
    if (cluster instanceof ProvisionError) return exitCodeOf(cluster)
    return all.every(({ ok }) => ok) ? EXIT.fine : EXIT.failed
  })
}

async function observeOrFail(look: () => Promise<Facts>): Promise<Facts | ProvisionError> {
  try {
    return await look()
  } catch (thrown) {
    return toProvisionError(thrown)
  }
}

function connectionFailure({ message, hint }: ProvisionError): Finding {
  return { name: 'connection', ok: false, message, ...(hint && { remedy: [hint] }) }
}

function clusterFindings({ cluster, images }: Facts): Finding[] {
  const online = cluster.nodes.filter((node) => node.online).map(({ name }) => name)
  return [
    { name: 'connection', ok: true, message: `${cluster.endpoint} answers, its certificate is trusted` },
    { name: 'version', ok: true, message: `Proxmox VE ${cluster.version.text}, nodes ${online.join(', ')}` },
    ...[...images].map(
      ([name, image]): Finding =>
        image instanceof ProvisionError
          ? { name: `image ${name}`, ok: false, message: image.message, ...(image.hint && { remedy: [image.hint] }) }
          : { name: `image ${name}`, ok: true, message: `${image.digest.slice(0, 19)}… can be had` },
    ),
  ]
}

/** Needed only where an image is converted here, so its absence is told and is no failure of its own. */
async function checkQemuImg({ exec }: World): Promise<Finding> {
  try {
    const [version = ''] = (await exec('qemu-img', ['--version'])).split('\n')
    return { name: 'qemu-img', ok: true, message: version }
  } catch {
    const remedy = ['On Debian and Ubuntu: apt install qemu-utils']
    return {
      name: 'qemu-img',
      ok: true,
      message: 'is not installed; it is needed only where images are converted or checked here',
      remedy,
    }
  }
}

async function checkCache(): Promise<Finding> {
  const folder = cacheDirectory(process.env)
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
    return { name: 'cache', ok: true, message: `${folder} can be written` }
  } catch (cause) {
    const message = `${folder} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`
    return { name: 'cache', ok: false, message, remedy: ['Set PVE_PROVISION_CACHE to a folder of your own.'] }
  }
}

function findingLines({ name, ok, message, remedy = [] }: Finding): string[] {
  const columns = process.stderr.columns ?? Number.POSITIVE_INFINITY
  const [first = '', ...rest] = wrap(message, columns - 17)
  // Commands are never broken: they are there to be copied.
  return [
    `${ok ? paint.green('✓') : paint.red('✗')} ${name.padEnd(14)} ${first}`,
    ...rest.map((line) => `${' '.repeat(17)}${line}`),
    ...remedy.map((line) => `    ${line}`),
  ]
}

// A complete process without changes: the CLI, a short proxmoxer script, and Ansible, on the same machines.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Cluster, startCluster } from '../support/cluster.ts'
import { type Figure, figure } from '../support/figures.ts'
import { PYTHON } from '../support/install.ts'
import { interleave, type Measured, measure } from '../support/measure.ts'
import { manifestOf, namesOf, type Vendor } from './manifest.ts'

const CLI = join(process.cwd(), 'packages/cli/dist/main.js')
const RIVALS = join(import.meta.dirname, 'rivals')

export interface NoOpQuestion {
  readonly machines: number
  readonly runs: number
  readonly vendor: Vendor
  readonly folder: string
  /** True if Ansible takes part. */
  readonly withAnsible: boolean
  readonly targets: { readonly ansible: number; readonly proxmoxer: number; readonly requests: number }
}

/** Compares the wall time with both alternatives, and counts the requests. */
export async function compareNoOp(question: NoOpQuestion): Promise<readonly Figure[]> {
  const { machines, runs, withAnsible } = question
  const folder = join(question.folder, `no-op-${machines}`)
  mkdirSync(folder, { recursive: true })
  const cluster = await startCluster({ nodes: ['pve1', 'pve2'], storages: [{ id: 'local' }], latency: 'instant' })
  try {
    const ours = await prepareOurs(question, folder, cluster)
    await ours()
    await cluster.clear()
    await ours()
    const { total } = await cluster.counts()
    const names = namesOf({ nodes: ['pve1', 'pve2'], machines })
    const proxmoxer = () =>
      measure([PYTHON, '-W', 'ignore', join(RIVALS, 'no_op.py'), ...names], { environment: cluster.environment })
    const fast = await interleave({ ours, proxmoxer }, { runs, before: () => undefined })
    const slow = withAnsible
      ? await interleave(
          { ours, ansible: ansible(cluster, names, folder) },
          { runs: Math.min(runs, 3), before: () => undefined },
        )
      : undefined
    return figures(question, { total, fast, slow })
  } finally {
    await cluster.stop()
  }
}

interface Results {
  readonly total: number
  readonly fast: Record<'ours' | 'proxmoxer', readonly Measured[]>
  readonly slow: Record<'ours' | 'ansible', readonly Measured[]> | undefined
}

function figures({ machines, targets }: NoOpQuestion, { total, fast, slow }: Results): readonly Figure[] {
  const walls = (results: readonly Measured[]) => results.map(({ wallSeconds }) => wallSeconds)
  const name = `${machines} machines, nothing to do, whole process`
  const against = { name: 'proxmoxer script', values: walls(fast.proxmoxer) }
  return [
    figure({ name, unit: 's', values: walls(fast.ours), baseline: against, target: targets.proxmoxer }),
    ...(slow
      ? [
          figure({
            name,
            unit: 's',
            values: walls(slow.ours),
            baseline: { name: 'Ansible', values: walls(slow.ansible) },
            target: 1 / targets.ansible,
          }),
        ]
      : []),
    figure({
      name: `${machines} machines, nothing to do, requests`,
      unit: 'requests',
      values: [total],
      target: targets.requests,
    }),
  ]
}

/** The CLI with a manifest whose machines all exist. */
async function prepareOurs(
  { machines, vendor }: NoOpQuestion,
  folder: string,
  { environment }: Cluster,
): Promise<() => Promise<Measured>> {
  const manifest = join(folder, 'manifest.yaml')
  writeFileSync(manifest, manifestOf({ vendor, nodes: ['pve1', 'pve2'], machines }))
  const command = (...words: string[]) => [process.execPath, CLI, ...words, '--file', manifest]
  const settings = { environment: { ...environment, PVE_PROVISION_CACHE: join(folder, 'cache') } }
  console.error(`  making ${machines} machines`)
  await measure(command('apply', '--auto-approve', '--json'), settings)
  return () => measure(command('apply', '--auto-approve', '--json'), settings)
}

function ansible(
  { endpoint, tokenId, tokenSecret }: Cluster,
  names: readonly string[],
  folder: string,
): () => Promise<Measured> {
  const [user, token] = tokenId.split('!')
  const variables = join(folder, 'variables.json')
  const settings = {
    api_host: new URL(endpoint).host,
    api_user: user,
    api_token_id: token,
    api_token_secret: tokenSecret,
  }
  writeFileSync(variables, JSON.stringify({ ...settings, node: 'pve1', names, ansible_python_interpreter: PYTHON }), {
    mode: 0o600,
  })
  const environment = {
    ANSIBLE_HOME: folder,
    ANSIBLE_LOCALHOST_WARNING: 'False',
    ANSIBLE_INVENTORY_UNPARSED_WARNING: 'False',
    LC_ALL: 'C.UTF-8',
  }
  return () =>
    measure(['ansible-playbook', '-i', 'localhost,', '-e', `@${variables}`, join(RIVALS, 'no_op.yml')], { environment })
}

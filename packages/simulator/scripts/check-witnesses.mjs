// Independent clients check the simulator: each takes a machine through its life cycle, without code of this project.
// Missing clients are installed if possible. A client that is not available is skipped, with a sentence.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { createSimulator } from '../src/index.ts'

const { values } = parseArgs({
  options: { json: { type: 'string' }, only: { type: 'string' } },
})
const here = (name) => fileURLToPath(new URL(`witnesses/${name}`, import.meta.url))
const cache = fileURLToPath(new URL('../../../node_modules/.cache/witnesses', import.meta.url))
const succeeds = (command, args, options = {}) => spawnSync(command, args, { stdio: 'ignore', ...options }).status === 0

// Debian's packages belong to Debian's Python, even if another one is first on the PATH.
const debianPython = '/usr/bin/python3'
const venv = join(cache, 'ansible')
const ofVenv = (name) => join(venv, 'bin', name)

/** Each has `why` it is not available (a sentence, or undefined), and how to run it. */
const witnesses = [
  {
    name: 'python3-proxmoxer',
    why: () => missingPackages(['python3-proxmoxer', 'python3-requests'], hasProxmoxer),
    run: (simulator, { host, caFile }) => {
      const { tokenId, tokenSecret, rootPassword } = simulator
      return execa(debianPython, [here('proxmoxer_client.py'), host, caFile, tokenId, tokenSecret, rootPassword])
    },
  },
  {
    name: 'ansible community.general.proxmox_kvm',
    why: () =>
      missingPackages(
        ['ansible', 'python3-proxmoxer', 'python3-requests'],
        () => succeeds('/usr/bin/ansible-playbook', ['--version']) && hasProxmoxer(),
      ),
    run: (simulator, { host, folder }) => {
      const [user, token] = simulator.tokenId.split('!')
      const variables = { api_host: host, api_user: user, api_token_id: token, api_token_secret: simulator.tokenSecret }
      return play('/usr/bin/ansible-playbook', debianPython, { folder, playbook: 'machine.yml', variables })
    },
  },
  {
    name: 'ansible community.proxmox',
    why: withoutVenv,
    run: (simulator, { folder }) => {
      const { hostname: host, port } = new URL(simulator.endpoint)
      const [user, token] = simulator.tokenId.split('!')
      const variables = { host, port_number: Number(port), user, token, secret: simulator.tokenSecret }
      return play(ofVenv('ansible-playbook'), ofVenv('python'), {
        folder,
        playbook: 'community-proxmox.yml',
        variables,
      })
    },
  },
  {
    name: 'terraform with bpg/proxmox',
    why: withoutTerraform,
    run: runTerraform,
  },
]

function hasProxmoxer() {
  return succeeds(debianPython, ['-c', 'import proxmoxer, requests'])
}

function missingPackages(packages, isThere) {
  if (isThere()) return undefined
  const isRoot = process.getuid?.() === 0
  const args = ['install', '-y', '--no-install-recommends', ...packages]
  const [command, ...rest] = isRoot ? ['apt-get', ...args] : ['sudo', '-n', 'apt-get', ...args]
  succeeds(command, rest, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  return isThere() ? undefined : `Debian's ${packages.join(', ')} could not be installed.`
}

/** The collection is part of PyPI's `ansible`. The environment is kept for the next run. */
function withoutVenv() {
  if (succeeds(ofVenv('ansible-playbook'), ['--version'])) return undefined
  mkdirSync(cache, { recursive: true })
  const installed =
    succeeds('python3', ['-m', 'venv', venv]) &&
    succeeds(ofVenv('pip'), ['install', '--quiet', 'ansible', 'proxmoxer', 'requests'])
  return installed ? undefined : "PyPI's ansible, proxmoxer and requests could not be installed."
}

function play(command, python, { folder, playbook, variables }) {
  const file = join(folder, 'variables.json')
  writeFileSync(file, JSON.stringify({ ...variables, ansible_python_interpreter: python }), { mode: 0o600 })
  const env = {
    ANSIBLE_HOME: folder,
    ANSIBLE_LOCALHOST_WARNING: 'False',
    ANSIBLE_INVENTORY_UNPARSED_WARNING: 'False',
    LC_ALL: 'C.UTF-8',
  }
  return execa(command, ['-i', 'localhost,', '-c', 'local', '-e', `@${file}`, here(playbook)], { env })
}

const terraform = () => ['tofu', 'terraform'].find((name) => succeeds(name, ['version']))

/**
 * Returns the folder of the provider's program: named by PROXMOX_PROVIDER, on the PATH, or built from its Go module.
 */
function providerFolder() {
  const built = join(cache, 'go')
  const folders = [process.env.PROXMOX_PROVIDER, ...(process.env.PATH ?? '').split(delimiter), built]
  const has = (folder) => folder !== undefined && existsSync(join(folder, 'terraform-provider-proxmox'))
  if (!folders.some(has)) {
    const env = { ...process.env, GOBIN: built }
    succeeds('go', ['install', 'github.com/bpg/terraform-provider-proxmox@latest'], { env })
  }
  return folders.find(has)
}

function withoutTerraform() {
  if (terraform() === undefined) return 'Neither tofu nor terraform is installed.'
  return providerFolder() === undefined
    ? 'The provider bpg/proxmox is not here: set PROXMOX_PROVIDER to the folder of terraform-provider-proxmox.'
    : undefined
}

/** Plan and apply, an empty plan, a change, an empty plan, destroy. */
async function runTerraform(simulator, { folder }) {
  const settings = join(folder, 'terraform.rc')
  const override = `dev_overrides { "bpg/proxmox" = ${JSON.stringify(providerFolder())} }`
  writeFileSync(settings, `provider_installation {\n  ${override}\n  direct {}\n}\n`)
  cpSync(here('terraform/main.tf'), join(folder, 'main.tf'))
  const env = {
    TF_CLI_CONFIG_FILE: settings,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    PROXMOX_VE_ENDPOINT: simulator.endpoint,
    PROXMOX_VE_API_TOKEN: `${simulator.tokenId}=${simulator.tokenSecret}`,
  }
  const run = (...args) => execa(terraform(), [...args, '-no-color', '-input=false'], { cwd: folder, env })
  await run('apply', '-auto-approve')
  await run('plan', '-detailed-exitcode')
  await run('apply', '-auto-approve', '-var', 'cores=4')
  await run('plan', '-detailed-exitcode', '-var', 'cores=4')
  await run('destroy', '-auto-approve')
  if (simulator.world.machines.all().length > 0) throw new Error('Terraform left machines behind')
}

async function testimony(witness) {
  const why = witness.why()
  if (why !== undefined) return { outcome: 'skipped', text: why }
  const folder = mkdtempSync(join(tmpdir(), 'witness-'))
  const simulator = await createSimulator({
    storages: [{ id: 'local' }],
    latency: { createMs: 50, startMs: 50, stopMs: 50, statusMs: 0 },
  })
  try {
    const caFile = join(folder, 'ca.pem')
    writeFileSync(caFile, simulator.certificate)
    await witness.run(simulator, { host: new URL(simulator.endpoint).host, caFile, folder })
    return { outcome: 'passed', text: `${simulator.requests.total} requests` }
  } catch (error) {
    return { outcome: 'FAILED', text: `${error.stdout ?? ''}\n${error.stderr ?? error.message}`.trim() }
  } finally {
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const figures = []
for (const witness of witnesses) {
  if (values.only !== undefined && !witness.name.includes(values.only)) continue
  const { outcome, text } = await testimony(witness)
  console.log(`${outcome}  ${witness.name}: ${text}`)
  if (outcome === 'FAILED') process.exitCode = 1
  if (outcome !== 'skipped') {
    const ok = outcome === 'passed'
    figures.push({ name: witness.name, value: ok ? 1 : 0, unit: 'passed', target: 1, ok })
  }
}
if (values.json !== undefined) {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version }
  writeFileSync(values.json, `${JSON.stringify({ machine, runs: 1, figures }, null, 2)}\n`)
}

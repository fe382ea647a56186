// Independent clients as witnesses: Debian's python3-proxmoxer and Ansible's proxmox_kvm live a machine's life here.
// Installs them where apt and the right to use it are there, and says so where they are not.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { createSimulator } from '../src/index.ts'

const { values } = parseArgs({ options: { json: { type: 'string' } } })
const here = (name) => fileURLToPath(new URL(`witnesses/${name}`, import.meta.url))
// Debian's packages belong to Debian's Python, whatever else is first on the PATH.
const python = '/usr/bin/python3'

const witnesses = [
  {
    name: 'python3-proxmoxer',
    isThere: () => spawnSync(python, ['-c', 'import proxmoxer, requests']).status === 0,
    packages: ['python3-proxmoxer', 'python3-requests'],
    run: (simulator, { host, caFile }) =>
      execa(python, [
        here('proxmoxer_client.py'),
        host,
        caFile,
        simulator.tokenId,
        simulator.tokenSecret,
        simulator.rootPassword,
      ]),
  },
  {
    name: 'ansible community.general.proxmox_kvm',
    isThere: () => spawnSync('ansible-playbook', ['--version']).status === 0 && witnesses[0].isThere(),
    packages: ['ansible', 'python3-proxmoxer', 'python3-requests'],
    run: (simulator, { host, folder }) => {
      const [user, token] = simulator.tokenId.split('!')
      const extra = {
        api_host: host,
        api_user: user,
        api_token_id: token,
        api_token_secret: simulator.tokenSecret,
        ansible_python_interpreter: python,
      }
      const variables = join(folder, 'variables.json')
      writeFileSync(variables, JSON.stringify(extra), { mode: 0o600 })
      const env = {
        ANSIBLE_HOME: folder,
        ANSIBLE_LOCALHOST_WARNING: 'False',
        ANSIBLE_INVENTORY_UNPARSED_WARNING: 'False',
        LC_ALL: 'C.UTF-8',
      }
      return execa(
        'ansible-playbook',
        ['-i', 'localhost,', '-c', 'local', '-e', `@${variables}`, here('machine.yml')],
        { env },
      )
    },
  },
]

function install(packages) {
  const isRoot = process.getuid?.() === 0
  const command = isRoot ? 'apt-get' : 'sudo'
  const args = [...(isRoot ? [] : ['-n', 'apt-get']), 'install', '-y', '--no-install-recommends', ...packages]
  const done = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  return done.error === undefined && done.status === 0
}

async function testimony(witness) {
  if (!witness.isThere() && !(install(witness.packages) && witness.isThere())) {
    return { ok: false, text: `cannot be had here: install ${witness.packages.join(' ')}` }
  }
  const folder = mkdtempSync(join(tmpdir(), 'witness-'))
  const simulator = await createSimulator({
    storages: [{ id: 'local' }],
    latency: { createMs: 50, startMs: 50, stopMs: 50 },
  })
  try {
    const caFile = join(folder, 'ca.pem')
    writeFileSync(caFile, simulator.certificate)
    await witness.run(simulator, { host: new URL(simulator.endpoint).host, caFile, folder })
    return { ok: true, text: `${simulator.requests.total} requests` }
  } catch (error) {
    return { ok: false, text: `${error.stdout ?? ''}\n${error.stderr ?? error.message}`.trim() }
  } finally {
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const figures = []
for (const witness of witnesses) {
  const { ok, text } = await testimony(witness)
  console.log(`${ok ? 'passed' : 'FAILED'}  ${witness.name}: ${text}`)
  figures.push({ name: witness.name, value: ok ? 1 : 0, unit: 'passed', target: 1, ok })
}
if (values.json !== undefined) {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version }
  writeFileSync(values.json, `${JSON.stringify({ machine, runs: 1, figures }, null, 2)}\n`)
}

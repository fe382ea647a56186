// Debian's Ansible with one of three playbooks.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PYTHON } from '../../support/install.ts'
import { measure } from '../../support/measure.ts'
import type { Job, Run } from '../job.ts'
import type { Site } from '../site.ts'

export type Playbook = 'before' | 'proposed' | 'best-effort'

const FOLDER = join(import.meta.dirname, 'ansible')
const pathOf = (playbook: Playbook): string => join(FOLDER, `${playbook}.yml`)

/** @param extra variables in addition to those of the job */
export function ansible(playbook: Playbook, extra: Readonly<Record<string, unknown>> = {}): Run {
  return async ({ site, job, signal }) => {
    const variables = join(site.folder, 'variables.json')
    writeFileSync(variables, JSON.stringify({ ...variablesOf(site, job), ...extra }), { mode: 0o600 })
    const command = ['ansible-playbook', '-i', 'localhost,', '-e', `@${variables}`, pathOf(playbook)]
    const measured = await measure([PYTHON, join(FOLDER, 'reap.py'), ...command], {
      environment: { ...settings(site.folder), ...SETTINGS_OF[playbook](site.folder) },
      signal,
    })
    return { ...measured, wallSeconds: Number(measured.output.trim().split('\n').at(-1)) }
  }
}

/** @throws Error if Ansible cannot read one of the playbooks */
export function checkPlaybooks(folder: string): void {
  for (const playbook of Object.keys(SETTINGS_OF) as Playbook[]) {
    execFileSync('ansible-playbook', ['-i', 'localhost,', '--syntax-check', pathOf(playbook)], {
      env: { ...process.env, ...settings(folder) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
}

/** `ansible [core 2.14.18]` */
export function ansibleVersion(): string {
  return execFileSync('ansible-playbook', ['--version']).toString().split('\n')[0]?.replace('-playbook', '') ?? ''
}

/** Ignores the user's settings, and leaves nothing in the home folder. */
function settings(folder: string): Readonly<Record<string, string>> {
  return {
    ANSIBLE_CONFIG: join(FOLDER, 'ansible.cfg'),
    ANSIBLE_HOME: folder,
    ANSIBLE_ASYNC_DIR: join(folder, 'async'),
    ANSIBLE_LOCALHOST_WARNING: 'False',
    ANSIBLE_INVENTORY_UNPARSED_WARNING: 'False',
    ANSIBLE_NOCOLOR: 'True',
    LC_ALL: 'C.UTF-8',
  }
}

const SETTINGS_OF: Readonly<Record<Playbook, (folder: string) => Readonly<Record<string, string>>>> = {
  before: () => ({}),
  proposed: (folder) => ({
    ANSIBLE_GATHERING: 'smart',
    ANSIBLE_CACHE_PLUGIN: 'jsonfile',
    ANSIBLE_CACHE_PLUGIN_CONNECTION: join(folder, 'facts'),
    ANSIBLE_CACHE_PLUGIN_TIMEOUT: '86400',
  }),
  'best-effort': () => ({ ANSIBLE_PIPELINING: 'True' }),
}

/** Returns the variables of the role, and what else the playbooks need. */
function variablesOf({ cluster, isos, importFolder }: Site, { vendor, images, machines, convert }: Job) {
  const [user, token] = cluster.tokenId.split('!')
  return {
    proxmox_cloud_init_images: Object.fromEntries(
      images.map((image) => [image, { name: `${image}.qcow2`, url: `${vendor}/${image}.qcow2` }]),
    ),
    // Without a conversion, images go to the folder from which Proxmox imports.
    proxmox_dirs: { isos: convert ? isos : importFolder },
    vms: machines,
    vendor,
    checksum: `sha256:${vendor}/SHA256SUMS`,
    import_folder: importFolder,
    convert,
    node: 'pve1',
    api_host: new URL(cluster.endpoint).host,
    api_user: user,
    api_token_id: token,
    api_token_secret: cluster.tokenSecret,
    ansible_connection: 'local',
    ansible_python_interpreter: PYTHON,
  }
}

// Simulates a run of cloud-init: instance, network, files, packages, commands, and the result.

import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import type { CloudInitResult, Datasource, GuestDisk } from '../../state/boot.ts'
import type { GuestBehaviour } from '../../state/guest-behaviour.ts'
import { bytesOf, bytesOfBase64 } from './bytes.ts'
import { type ReadDocuments, readDocuments } from './cloud-config.ts'
import { readNetwork } from './guest-network.ts'
import { asFields, asList, type Fields, plain } from './plain.ts'
import { runShell, type ShellContext } from './shell.ts'

export interface FirstBoot {
  readonly disk: GuestDisk
  readonly source: Datasource
  readonly behaviour: GuestBehaviour
  readonly shell: ShellContext
  /** MAC addresses of the machine's cards, in lower case. */
  readonly macs: readonly string[]
}

export function runCloudInit(boot: FirstBoot): CloudInitResult {
  const { disk, source, macs } = boot
  const documents = readDocuments(source)
  const isNewInstance = disk.instanceId !== source.instanceId
  const errors: string[] = []
  const commands: string[] = []
  nameHost(disk, source, documents.config)
  commands.push(...runAll(boot, asCommands(documents.config.bootcmd), { module: 'bootcmd', errors }))
  if (isNewInstance) {
    disk.instanceId = source.instanceId
    disk.files['/var/lib/cloud/data/instance-id'] = `${source.instanceId}\n`
    const network = source.network === undefined ? fallbackNetwork(macs) : networkOf(source, macs)
    disk.network = network ?? disk.network
    disk.files['/etc/ssh/ssh_host_ed25519_key.pub'] =
      `ssh-ed25519 ${randomBytes(51).toString('base64')} root@${disk.hostName}\n`
    installPackages(boot, documents.config, errors)
    writeFiles(disk, documents.config)
    commands.push(...runAll(boot, asCommands(documents.config.runcmd), { module: 'scripts_user', errors }))
    commands.push(...runAll(boot, documents.scripts, { module: 'scripts_user', errors }))
  }
  return {
    datasource: source.name,
    instanceId: source.instanceId,
    isNewInstance,
    errors,
    warnings: documents.warnings,
    deprecations: deprecationsOf(documents),
    commands,
  }
}

/** Proxmox's own documents cause this. Since 23.4, cloud-init then exits with 2. */
function deprecationsOf({ config }: ReadDocuments): readonly string[] {
  return typeof config.user === 'string'
    ? ["Config key 'user' of type string is deprecated in 22.2 and scheduled to be removed in 27.2."]
    : []
}

function nameHost(disk: GuestDisk, source: Datasource, config: ReadDocuments['config']): void {
  const name = config.hostname ?? config.fqdn ?? source.hostName
  if (name === undefined || config.preserve_hostname === true) return
  disk.hostName = plain(name).split('.')[0] ?? ''
  disk.files['/etc/hostname'] = `${disk.hostName}\n`
}

/** The default of an image without a network document: DHCP on the first card. */
function fallbackNetwork([first]: readonly string[]): GuestDisk['network'] {
  return first === undefined ? {} : { [first]: { name: 'eth0', ipv4: ['dhcp'], ipv6: [] } }
}

/** A document that cannot be parsed configures nothing. */
function networkOf({ network = '', isInterfaces }: Datasource, macs: readonly string[]): GuestDisk['network'] {
  try {
    return readNetwork(network, { isInterfaces, macs })
  } catch {
    return undefined
  }
}

function installPackages({ disk, behaviour }: FirstBoot, config: ReadDocuments['config'], errors: string[]): void {
  const wanted = asList(config.packages).map((entry) => plain([entry].flat()[0]))
  const isBroken = (name: string): boolean => behaviour.failing.some((part) => name.includes(part))
  disk.packages = [...new Set([...disk.packages, ...wanted.filter((name) => !isBroken(name))])]
  const broken = wanted.filter(isBroken)
  if (broken.length === 0) return
  errors.push(
    `('package_update_upgrade_install', ProcessExecutionError("Unexpected error while running command.\\nE: Unable to locate package ${broken.join(', ')}"))`,
  )
}

function writeFiles(disk: GuestDisk, config: ReadDocuments['config']): void {
  for (const file of asList(config.write_files).map(asFields)) {
    const name = plain(file.path)
    const before = file.append === true ? (disk.files[name] ?? '') : ''
    disk.files[name] = before + contentOf(file)
  }
}

/** `b64` and `base64`, `gz` and `gzip`, and combinations (`gz+b64`). */
function contentOf({ content, encoding }: Fields): string {
  const [kind, text] = [plain(encoding), plain(content)]
  const bytes = /b(?:ase)?64$/.test(kind) ? bytesOfBase64(text) : bytesOf(text)
  if (!kind.startsWith('gz')) return bytes
  try {
    return gunzipSync(Buffer.from(bytes, 'latin1')).toString('latin1')
  } catch {
    return bytes
  }
}

/** A list is a program with its arguments. A text is passed to the shell. */
function asCommands(value: unknown): readonly string[] {
  return asList(value).map((entry) => (Array.isArray(entry) ? entry.map(quoted).join(' ') : plain(entry)))
}

const quoted = (word: unknown): string => {
  const text = plain(word)
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text}'`
}

/** Runs all commands, even after one has failed. */
function runAll(
  { shell }: FirstBoot,
  commands: readonly string[],
  { module, errors }: { module: string; errors: string[] },
): readonly string[] {
  const codes = commands.map((command) => runShell(shell, bytesOf(command)).code)
  const failures = codes.filter((code) => code !== 0).length
  // runcmd becomes one script, whose result is that of its last command.
  const isFailed = module === 'scripts_user' ? (codes.at(-1) ?? 0) !== 0 : failures > 0
  if (isFailed) errors.push(`('${module}', RuntimeError('Runparts: 1 failures (runcmd) in 1 attempted commands'))`)
  return commands
}

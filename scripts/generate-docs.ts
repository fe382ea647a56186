// Writes documents that are generated from the sources: docs/manifest.md from the schema, help texts into docs/cli.md.
// `--check` only compares.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { manifestShape } from '../packages/core/dist/advanced.js'
import { type Schema, table } from './key-table.ts'
import { operationRows, roleLines } from './permission-table.ts'

const check = process.argv.includes('--check')
const stale = [
  write('docs/manifest.md', manifestPage()),
  write('docs/cli.md', cliPage()),
  write('docs/permissions.md', permissionsPage()),
  errorsComplete(),
].filter((problem) => problem !== undefined)
for (const problem of stale) console.error(problem)
process.exitCode = stale.length === 0 ? 0 : 1

function write(path: string, text: string): string | undefined {
  if (readIfThere(path) === text) return undefined
  if (check) return `${path} is not what the sources say: node scripts/generate-docs.ts`
  writeFileSync(path, text)
  console.log(`written: ${path}`)
  return undefined
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Checks that docs/errors.md has a row for each code, and no rows for removed codes. */
function errorsComplete(): string | undefined {
  const source = readFileSync('packages/core/src/errors.ts', 'utf8')
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code = '']) => code)
  const rows = [...readIfThere('docs/errors.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code = '']) => code)
  const wrong = [...codes.filter((code) => !rows.includes(code)), ...rows.filter((code) => !codes.includes(code))]
  return wrong.length === 0 ? undefined : `docs/errors.md and errors.ts differ in ${wrong.join(', ')}`
}

/** Inserts the roles and the table of privileges, which the tests hold to be exact. */
function permissionsPage(): string {
  return readIfThere('docs/permissions.md')
    .replace(/^pveum role add [\s\S]*?(?=^pveum user add)/m, () => `${roleLines().join('\n')}\n`)
    .replace(
      /<!-- operations -->\n[\s\S]*?<!-- \/operations -->/,
      () => `<!-- operations -->\n${operationRows().join('\n')}\n<!-- /operations -->`,
    )
}

/** Inserts each command's own help between its markers. */
function cliPage(): string {
  return readIfThere('docs/cli.md').replaceAll(
    /<!-- help ([a-z ]+) -->\n[\s\S]*?<!-- \/help -->/g,
    (_, command: string) => `<!-- help ${command} -->\n\`\`\`\n${helpOf(command)}\n\`\`\`\n<!-- /help -->`,
  )
}

function helpOf(command: string): string {
  const args = ['packages/cli/dist/main.js', ...command.split(' '), '--help']
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()
}

function manifestPage(): string {
  const schema = manifestShape() as Schema
  const { images, defaults, vms, limits, vmids } = schema.properties ?? {}
  const machine = entryOf(vms)
  return `# The manifest

*Generated from the schema by \`node scripts/generate-docs.ts\`; \`pve-provision schema\` prints the schema.*

\`\`\`yaml
project: homelab                        # its VMs carry this name
images:
  debian-13:
    url: https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2
    checksum: https://cloud.debian.org/images/cloud/trixie/latest/SHA512SUMS
defaults:                               # for all VMs, unless a VM overrides them
  image: debian-13
  nodes: [pve1, pve2]                   # spread over these
  storage: { images: local, disks: local-lvm }
  memory: 2 GiB
  network: { bridge: vmbr0 }
  cloudInit: { user: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk], ip: dhcp }
vms:
  web: { start: true }
  db:
    node: pve1
    start: true
    wait: { port: 22 }                  # until SSH answers
    memory: 8 GiB
    disk: 40 GiB
    disks: [{ size: 200 GiB }]
    cloudInit: { ip: 10.0.0.5/24, gateway: 10.0.0.1 }   # user and keys still come from defaults
  worker: { count: 3, cores: 4 }        # worker-1, worker-2, worker-3
\`\`\`

[\`examples/everything.yaml\`](../examples/everything.yaml) has every key, and
[\`examples/vendors.yaml\`](../examples/vendors.yaml) has the addresses of common images. For your own cluster, change
\`nodes\`, \`storage\`, \`network.bridge\` and \`cloudInit\`. \`pve-provision init\` fills them in for you.

For completion and checks in your editor, run \`pve-provision schema > pve-provision.schema.json\` and put this on the
first line of the manifest:

\`\`\`yaml
# yaml-language-server: $schema=./pve-provision.schema.json
\`\`\`

Sizes need a unit. Units are powers of 1024. A VM takes keys that it does not set from its profiles, then from \`defaults\`.
Keys that are set nowhere are left alone on existing VMs. YAML merge keys (\`<<: *name\`) work. Top-level entries that begin
with \`x-\` are ignored: use them for your own anchors.

## Parameters and secrets

| written | what it is | shown |
|---|---|---|
| \`\${env:NAME}\` | an environment variable | yes |
| \`\${var:NAME}\` | \`--var NAME=VALUE\`, else the value under \`vars\` | yes |
| \`\${secret:NAME}\` | an environment variable with a secret | never |

If a parameter is the whole value, it may also be a number, \`true\`, \`false\` or a list in brackets:
\`cores: "\${env:CORES}"\`. To write a literal \`\${env:NAME}\`, double the dollar sign: \`$\${env:NAME}\`.

Secrets are allowed in passwords, in the user, password and query of an address, and in documents with \`fill: true\`. They
never appear in a plan, lock file, cache or log. The variables of the connection (\`PVE_TOKEN_SECRET\` and the others), the
inputs of the action and the tokens of the runner cannot be used. In the action, the manifest reads only the names in the
input [\`env\`](action.md#values-for-the-manifest).

Documents for guests and \`description\` are passed on unchanged, even if they contain \`\${…}\`. To fill in parameters, add
\`fill: true\`:

\`\`\`yaml
userData:
  file: user-data.yaml        # or text: |
  fill: true
\`\`\`

Such a document may also use \`\${machine:name}\`, \`\${machine:index}\` (from 1), \`\${machine:ip}\` and \`\${machine:ip6}\`
(the address in the manifest, without its prefix).

## Several files

You can give \`--file\` several times, name a folder (its \`.yaml\` and \`.yml\` files, in order of their names), or use \`-\` for
standard input. Later files are merged over earlier ones: mappings key by key; lists and single values are replaced. Paths in
a manifest are relative to that manifest, and \`~\` is your home directory.

\`\`\`sh
pve-provision plan -f base.yaml -f production.yaml --var size=large
\`\`\`

Several files may also declare VMs of one \`project\` and be applied separately. Each VM remembers which file it came from (the
path in the repository, or else its folder and name). \`apply --prune\` and \`destroy\` leave VMs from other files alone and say
so. Remove those by name (\`destroy --only NAME\`) or with their own file. If you name a folder, VMs from files that were
deleted there count as VMs of the folder.

## Top level

${table(schema)}

## images

Each entry of \`images\`: ${lower(entryOf(images).description)}

${table(entryOf(images))}

### images.NAME.signature

${table(entryOf(images).properties?.signature)}

### images.NAME.build

${table(entryOf(images).properties?.build)}

#### images.NAME.build.files

${table(entryOf(images).properties?.build?.properties?.files?.items)}

## defaults

${defaults?.description ?? ''} They may use every key of a VM except \`vmid\`, \`count\` and \`renamedFrom\`.

## profiles

Each entry of \`profiles\` may use the same keys as \`defaults\`. A VM, or \`defaults\`, names one or several of them:
\`profile: small\`. Keys of a profile override \`defaults\`; keys of the VM override both.

## vms

Each entry of \`vms\`: ${lower(machine.description)} The column *on a running VM* says when a change takes effect. On a
stopped VM, changes that would wait for a restart take effect at once. A restart means a reboot by Proxmox, or a stop and a
start: a reboot from inside the guest is not enough. Every plan lists the changes that still wait.

${table(machine, '')}

### storage

${table(machine.properties?.storage, 'storage.')}

### disk, disks

A size, or these keys. Entries of \`disks\` need a size or an \`image\`, and may have their own storage. An entry that you add is
attached at once.

${table(objectIn(machine.properties?.disks?.items), 'disks.')}

#### disk.limits

${table(machine.properties?.disks?.items?.properties?.limits, 'disks.limits.')}

### network

One network, or a list of them. A card that you add is attached at once.

${table(objectIn(machine.properties?.network), 'network.')}

### cdrom

An ISO on a storage (\`cdrom: local:iso/virtio-win.iso\`), an entry of \`images\` (\`cdrom: { image: tools }\`), or a list of up
to two. An ISO from \`images\` has a \`url\` or \`file\`, is not compressed, and is downloaded and verified like other images to
\`storage.images\`. A VM keeps its build when the vendor publishes a new one. \`cdrom: []\` empties the drives.

### devices

Each entry names a resource mapping (Datacenter → Resource Mappings). The token needs
\`Mapping.Use\` on \`/mapping/pci/NAME\`, \`/mapping/usb/NAME\` or \`/mapping/dir/NAME\`.

${shapes(machine.properties?.devices?.items, 'devices.')}

### vga

A type of display, or these keys.

${table(objectIn(machine.properties?.vga), 'vga.')}

### rng

\`true\`, or these keys.

${table(objectIn(machine.properties?.rng), 'rng.')}

### watchdog

\`true\`, or these keys.

${table(objectIn(machine.properties?.watchdog), 'watchdog.')}

### smbios

${table(machine.properties?.smbios, 'smbios.')}

### cloudInit

${machine.properties?.cloudInit?.description ?? ''}

${table(machine.properties?.cloudInit, 'cloudInit.')}

#### cloudInit.addresses

One entry for each network card, in order.

${table(machine.properties?.cloudInit?.properties?.addresses?.items, 'cloudInit.')}

#### cloudInit.dns

${table(machine.properties?.cloudInit?.properties?.dns, 'cloudInit.')}

### startOrder

${table(machine.properties?.startOrder, 'startOrder.')}

### ha

\`true\`, or these keys.

${table(objectIn(machine.properties?.ha), 'ha.')}

### wait

\`none\`, \`agent\`, or these keys: \`agent\` or \`port\`, with a time limit. After that time, apply warns and continues.

${table(unionOf(machine.properties?.wait))}

### rollout

${table(machine.properties?.rollout)}

## vmids

${vmids?.description ?? ''}

${table(vmids)}

## limits

${limits?.description ?? ''}

${table(limits)}
`
}

function entryOf(schema: Schema | undefined): Schema {
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : {}
}

function objectIn(schema: Schema | undefined): Schema | undefined {
  return schema?.properties ? schema : schema?.anyOf?.find(({ properties }) => properties)
}

/** Creates a table for each of several mappings. */
function shapes(schema: Schema | undefined, within: string): string {
  return (schema?.anyOf ?? []).map((one) => table(one, within)).join('\n\n')
}

/** Returns all keys that any of its mappings may have. */
function unionOf(schema: Schema | undefined): Schema {
  const mappings = (schema?.anyOf ?? []).map(({ properties }) => properties ?? {})
  return { properties: Object.assign({}, ...mappings) }
}

function lower(text = ''): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

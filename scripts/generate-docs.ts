// Writes documents that are generated from the sources: docs/manifest.md from the schema, help texts into docs/cli.md.
// `--check` only compares.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { manifestShape } from '../packages/core/dist/advanced.js'
import { type Schema, table } from './key-table.ts'

const check = process.argv.includes('--check')
const stale = [write('docs/manifest.md', manifestPage()), write('docs/cli.md', cliPage()), errorsComplete()].filter(
  (problem) => problem !== undefined,
)
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

*Made from the schema by \`node scripts/generate-docs.ts\`; the schema itself: \`pve-provision schema\`.*

\`\`\`yaml
project: homelab                        # its machines carry this name
images:
  debian-13:
    url: https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2
    checksum: https://cloud.debian.org/images/cloud/trixie/latest/SHA512SUMS
defaults:                               # what every machine has unless it says otherwise
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
    wait: { port: 22 }                  # until it answers there
    memory: 8 GiB
    disk: 40 GiB
    disks: [{ size: 200 GiB }]
    cloudInit: { ip: 10.0.0.5/24, gateway: 10.0.0.1 }   # user and keys still come from defaults
  worker: { count: 3, cores: 4 }        # worker-1, worker-2, worker-3
\`\`\`

[\`examples/everything.yaml\`](../examples/everything.yaml) has every key once, and
[\`examples/vendors.yaml\`](../examples/vendors.yaml) the addresses of common images. On your own cluster change
\`nodes\`, \`storage\`, \`network.bridge\` and \`cloudInit\`; \`pve-provision init\` fills them in from what it finds there.

For completion and checks in your editor, put this on the manifest's first line:

\`\`\`yaml
# yaml-language-server: $schema=./pve-provision.schema.json
\`\`\`

after \`pve-provision schema > pve-provision.schema.json\`. Sizes have a unit, and units are powers of 1024. Keys that a
machine does not state itself come from its profiles, then from \`defaults\`; keys that none of them states are left alone
on machines that exist. YAML merge keys (\`<<: *name\`) work, and entries at the top that begin with \`x-\` are for your
own anchors.

## Parameters and secrets

| written | what it is | shown |
|---|---|---|
| \`\${env:NAME}\` | a variable of the environment | yes |
| \`\${var:NAME}\` | \`--var NAME=VALUE\`, else the value under \`vars\` | yes |
| \`\${secret:NAME}\` | a variable of the environment that is a secret | never |

A parameter that is a whole value is read as a number, as \`true\` or \`false\`, or as a list in brackets, where one of
these belongs: \`cores: "\${env:CORES}"\`. Two dollars are one that is meant as it stands: \`$\${env:NAME}\`.

A secret can be a password, the user, the password or a part of the query of an address, or stand in a document that asks to
be filled in. It is in no plan, lock file, cache or log. Variables of the connection (\`PVE_TOKEN_SECRET\` and the others),
inputs of the action and tokens of the runner cannot be named.

Documents for guests and \`description\` are passed on as they are, also where they hold \`\${…}\`. A document is filled in
where it says so:

\`\`\`yaml
userData:
  file: user-data.yaml        # or text: |
  fill: true
\`\`\`

Then it may also hold \`\${machine:name}\`, \`\${machine:index}\` (from 1), \`\${machine:ip}\` and \`\${machine:ip6}\` (the declared
address, without its prefix).

## Several files

\`--file\` may be given several times, name a folder (its \`.yaml\` and \`.yml\` files, by name), or be \`-\` for standard input.
Later files are laid over earlier ones: mappings merge key by key, lists and single values are replaced. Files that a
manifest names lie relative to that manifest, and \`~\` is your home.

\`\`\`sh
pve-provision plan -f base.yaml -f production.yaml --var size=large
\`\`\`

Several files may also declare machines of one \`project\` without being read together. A machine remembers the file that
its entry stands in: by its path in the repository, and without one by its name and folder. \`apply --prune\`,
\`destroy\` and \`destroy --orphans\` leave machines of other files alone and say so. They are removed by name
(\`destroy --only NAME\`), or with their own file. Of a folder that you name, files that are gone count as its own.

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

${defaults?.description ?? ''} It takes every key of a machine but \`vmid\`, \`count\` and \`renamedFrom\`.

## profiles

Each entry of \`profiles\` takes the keys that \`defaults\` takes. A machine, or \`defaults\`, names one or several of them:
\`profile: small\`. They lie over the defaults and under what the machine says itself.

## vms

Each entry of \`vms\`: ${lower(machine.description)} The column *on a machine that runs* says when a change takes effect; one
that is stopped takes over at once what would wait for a restart. A restart is Proxmox's own, or a stop and a start: a reboot
inside the guest changes nothing. What waits is in every plan until it is done.

${table(machine, '')}

### storage

${table(machine.properties?.storage, 'storage.')}

### disk, disks

A size alone, or these keys. Entries of \`disks\` need a size or an \`image\`, and may name their own storage.

${table(objectIn(machine.properties?.disks?.items), 'disks.')}

#### disk.limits

${table(machine.properties?.disks?.items?.properties?.limits, 'disks.limits.')}

### network

One network, or a list of them.

${table(objectIn(machine.properties?.network), 'network.')}

### cdrom

An ISO that is on a storage (\`cdrom: local:iso/virtio-win.iso\`), one of \`images\` (\`cdrom: { image: tools }\`), or a list of
up to two. An image is fetched and verified as others are, and kept on \`storage.images\`; it has \`url\` or \`file\`, and is not
packed. A machine keeps the build that it has when the vendor publishes another. \`cdrom: []\` empties the drives.

### devices

Each entry is one of these, by the name of its resource mapping (Datacenter → Resource Mappings). The token needs
\`Mapping.Use\` on \`/mapping/pci/NAME\`, \`/mapping/usb/NAME\` or \`/mapping/dir/NAME\`.

${shapes(machine.properties?.devices?.items, 'devices.')}

### vga

A kind of display, or these keys.

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

One entry a network card, in their order.

${table(machine.properties?.cloudInit?.properties?.addresses?.items, 'cloudInit.')}

#### cloudInit.dns

${table(machine.properties?.cloudInit?.properties?.dns, 'cloudInit.')}

### startOrder

${table(machine.properties?.startOrder, 'startOrder.')}

### ha

\`true\`, or these keys.

${table(objectIn(machine.properties?.ha), 'ha.')}

### wait

\`none\`, \`agent\`, or one of \`agent\` and \`port\` with a deadline. A deadline that passes is a warning, not a failure.

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

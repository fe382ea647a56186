// Plays docs/tutorial.md from start to end on a fresh server (the simulator), with a vendor on loopback in place of
// Debian's. The document must show what is printed. UPDATE_TUTORIAL=1 writes the output into it.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createSimulator, type Simulator } from '@pve-provision/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NodeCommands, nodeCommands } from './support/node-commands.ts'
import { type Block, type Cue, missingLine, openPlayer, type Player, partsOf, plain } from './support/played-page.ts'
import { startVendor, type Vendor, writeDocuments } from './support/vendor.ts'

const PAGE = resolve(import.meta.dirname, '../../../docs/tutorial.md')
const DEBIAN = 'https://cloud.debian.org/images/cloud/trixie/latest'
const IMAGE = 'debian-13-genericcloud-amd64.qcow2'

let vendor: Vendor
let simulator: Simulator
let node: NodeCommands
let player: Player
let folder: string

beforeAll(async () => {
  vendor = await startVendor()
  await publish('fast.qcow2')
  simulator = await createSimulator({
    nodes: ['pve1'],
    storages: [
      { id: 'local', content: ['iso', 'vztmpl', 'backup'] },
      { id: 'local-lvm', type: 'lvmthin' },
    ],
    guests: { agent: false },
  })
  folder = await mkdtemp(join(tmpdir(), 'tutorial-'))
  await mkdir(join(folder, '.ssh'))
  await writeFile(
    join(folder, '.ssh', 'id_ed25519.pub'),
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC you@desk\n',
  )
  node = nodeCommands(simulator)
  player = await openPlayer({
    folder,
    environment: { LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    substitutes: new Map([
      [DEBIAN, vendor.url],
      ['https://pve1.example.org:8006', simulator.endpoint],
      ['AB:CD:…:EF', simulator.fingerprint],
    ]),
    programs: ['pvesm', 'pvesh', 'pveum', 'pvenode', 'ssh'],
    run,
  })
})
afterAll(async () => {
  await player?.close()
  node?.close()
  await simulator?.close()
  await vendor?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Publishes these bytes at the image's address, with a checksum document that lists them. */
async function publish(name: string): Promise<void> {
  await copyFile(join(vendor.folder, name), join(vendor.folder, IMAGE))
  await writeDocuments(vendor.folder, [IMAGE])
}

async function cue(name: string): Promise<void> {
  if (name === 'a newer build') return publish('packed.img')
  throw new Error(`nothing plays "${name}"`)
}

async function run([program = '', ...words]: readonly string[]): Promise<string> {
  const printed = await node.run([program, ...(program === 'ssh' ? await resolved(words) : words)])
  // The secret is random. The document's value stands for it.
  const [, secret] = /^value +(\S+)$/m.exec(printed) ?? []
  if (secret !== undefined) player.substitute('12345678-1234-1234-1234-123456789abc', secret)
  return printed
}

/** Resolves `ssh web` with the entry in ~/.ssh/config. */
async function resolved([host = '', ...command]: readonly string[]): Promise<readonly string[]> {
  if (host.includes('@')) return [host, ...command]
  const config = await readFile(join(folder, '.ssh', 'config'), 'utf8')
  const [, address, user] = new RegExp(`^Host ${host}\n  HostName (\\S+)\n  User (\\S+)`, 'm').exec(config) ?? []
  return [`${user}@${address}`, ...command]
}

describe('the tutorial', () => {
  it('matches what the commands print', async () => {
    const page = await readFile(PAGE, 'utf8')
    const parts = partsOf(page)
    expect(parts.filter(({ kind }) => kind === 'sh').length).toBeGreaterThan(15)
    const printed = new Map<Block | Cue, readonly string[]>()
    let lines: readonly string[] = []
    for (const part of parts) {
      const at = `docs/tutorial.md:${part.line}`
      if (part.kind === 'cue') await cue(part.text)
      else if (part.kind === 'yaml') await player.manifest(part.text)
      else if (part.kind === 'sh') {
        const played = await player.shell(part.text)
        expect([at, played.exitCode, played.exitCode === 0 ? '' : played.lines.join('\n')]).toEqual([at, 0, ''])
        lines = played.lines
      } else if (process.env.UPDATE_TUTORIAL) printed.set(part, lines)
      else expect([at, missingLine(part.text, lines), lines.join('\n')]).toEqual([at, undefined, expect.anything()])
    }
    if (process.env.UPDATE_TUTORIAL) await writeFile(PAGE, updated(page, printed))
  }, 120_000)
})

/**
 * Returns the document with the new output. For a command with a report, only the report is included, because the rest
 * is redrawn.
 */
function updated(page: string, printed: ReadonlyMap<Block | Cue, readonly string[]>): string {
  return [...printed].reduce((text, [block, lines]) => {
    const rows = lines.map(plain)
    while (rows.at(-1) === '') rows.pop()
    const asked = rows.findLastIndex((row) => row.includes('[y/N]'))
    const shown = asked === -1 ? rows : [...rows.slice(0, asked + 1), '…', ...rows.slice(rows.indexOf('', asked) + 1)]
    return text.replace(`\`\`\`text\n${block.text}\`\`\``, () => `\`\`\`text\n${shown.join('\n')}\n\`\`\``)
  }, page)
}

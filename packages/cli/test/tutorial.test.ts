// Plays docs/tutorial.md from its first line to its last on a new server (the simulator), with a vendor on loopback
// instead of Debian's. The page must show the actual output. UPDATE_PAGES=1 updates it.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createSimulator, type Simulator } from '@pve-provision/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NodeCommands, nodeCommands } from './support/node-commands.ts'
import { openPlayer, type Player, playPage } from './support/played-page.ts'
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

/** Resolves `ssh -F FILE web` with the entry in the file. */
async function resolved(words: readonly string[]): Promise<readonly string[]> {
  if (words[0] !== '-F') return words
  const [, file = '', host = '', ...command] = words
  const config = await readFile(file, 'utf8')
  const [, address, user] = new RegExp(`^Host ${host}\n  HostName (\\S+)\n  User (\\S+)`, 'm').exec(config) ?? []
  return [`${user}@${address}`, ...command]
}

describe('the tutorial', () => {
  it('matches what the commands print', async () => {
    const page = await readFile(PAGE, 'utf8')
    expect(page.split('```sh').length).toBeGreaterThan(15)
    const isUpdate = process.env.UPDATE_PAGES !== undefined
    const updated = await playPage(page, player, {
      cue,
      check: ({ line, wrong, printed }) => {
        if (!isUpdate)
          expect([`docs/tutorial.md:${line}`, wrong, printed]).toEqual([expect.anything(), undefined, printed])
      },
    })
    if (isUpdate) await writeFile(PAGE, updated)
  })
})

// Checks docs/recipes: each page has the same parts, its commands run on a simulated cluster of three nodes, and it
// shows the actual output. UPDATE_PAGES=1 updates the pages. Also plans every manifest in the documents and examples.

import { globSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AnyVendor, startAnyVendor } from './support/any-vendor.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { handsAt } from './support/hands.ts'
import { nodeCommands } from './support/node-commands.ts'
import { openPlayer, playPage } from './support/played-page.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const RECIPES = globSync('docs/recipes/*.md', { cwd: ROOT }).filter((page) => !page.endsWith('README.md'))
const PAGES = globSync(['*.md', 'docs/*.md', 'packages/*/README.md'], { cwd: ROOT })
const EXAMPLES = globSync('examples/*.yaml', { cwd: ROOT })
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC you@desk\n'
const VARIABLES = {
  OPS_PASSWORD: 'correct-horse',
  K3S_TOKEN: 'battery-staple',
  IMAGES_PASSWORD: 'tr0ub4dor',
  RUN_ID: '4711',
}

/** Keys are requested only over https. */
const KEYS_AT = [
  '{ url: "https://github.com/you.keys" }',
  '{ url: "http://keys.example.org/ops.keys", insecure: true }',
]
const LISTED_KEYS = '- url: https://github.com/you.keys'
const OWN_KEY = '{ file: ~/.ssh/id_ed25519.pub }'
const GIB = 1024 ** 3

let vendor: AnyVendor

beforeAll(async () => {
  vendor = await startAnyVendor()
})
afterAll(() => vendor?.close())

async function start(): Promise<Cluster> {
  const template = { disks: [{ storage: 'local-lvm', bytes: GIB }], template: true }
  const cluster = await startCluster({
    nodes: ['pve1', 'pve2', 'pve3'],
    // Like the images of most vendors, those of the recipes do not contain the guest agent.
    guests: { agent: false },
    storages: [{ id: 'local' }, { id: 'local-lvm', type: 'lvmthin' }, { id: 'nas', type: 'nfs' }],
    bridges: ['vmbr0', 'vmbr1'],
    devices: [
      { kind: 'pci', path: '0000:01:00.0', id: '10de:2204', iommuGroup: 1, mdev: true },
      { kind: 'usb', path: '1-2', id: '10c4:ea60' },
    ],
    machines: [
      { vmid: 9000, name: 'golden', options: { tags: 'golden' }, ...template },
      { vmid: 9001, name: 'win2025-sealed', ...template },
    ],
  })
  const node = join(cluster.simulator.dataDirectory, 'nodes', 'pve1')
  const folder = join(node, 'var/lib/vz/template/iso')
  await mkdir(folder, { recursive: true })
  await mkdir(join(node, 'srv/media'), { recursive: true })
  for (const name of ['virtio-win.iso', 'drivers.iso']) await writeFile(join(folder, name), 'an ISO image')
  return cluster
}

/** The resource mappings that examples/everything.yaml names. */
const MAPPINGS = [
  ['pci', 'gpu', 'node=pve1,path=0000:01:00.0,id=10de:2204,iommugroup=1'],
  ['pci', 'vgpu', 'node=pve1,path=0000:01:00.0,id=10de:2204,iommugroup=1'],
  ['usb', 'zigbee', 'node=pve1,path=1-2,id=10c4:ea60'],
  ['dir', 'media', 'node=pve1,path=/srv/media'],
] as const

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8')
const manifestsOf = (text: string) =>
  [...text.matchAll(/^```(?:yaml|text)\n([\s\S]*?)^```$/gm)]
    .map(([, block = '']) => block)
    .filter((block) => /^project:/m.test(block))

async function home(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'recipe-'))
  await mkdir(join(folder, '.ssh'))
  await writeFile(join(folder, '.ssh', 'id_ed25519.pub'), KEY)
  return folder
}

describe('recipes', () => {
  it('are all in the index, and the index names no other', () => {
    const listed = [...read('docs/recipes/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => name)
    expect(listed.toSorted()).toEqual(RECIPES.map((page) => basename(page)).toSorted())
  })

  it.each(RECIPES)('%s says when to use it, what to write, what to run and what to know', (page) => {
    const heads = [
      ...read(page)
        .replaceAll(/^```[\s\S]*?^```$/gm, '')
        .matchAll(/^#+ (.+)$/gm),
    ].map(([, head]) => head)
    expect(heads.slice(1)).toEqual(['Manifest', 'Run it', 'Good to know'])
    expect(read(page)).toMatch(/^# .+\n\nUse this /)
    expect(manifestsOf(read(page)).length).toBeGreaterThan(0)
  })

  it.each(RECIPES)('%s is what happens', async (page) => {
    const folder = await home()
    const text = read(page)
    const cluster = await start()
    const node = nodeCommands(cluster.simulator)
    vendor.begin()
    const player = await openPlayer({
      folder,
      environment: {
        ...cluster.environment,
        ...VARIABLES,
        LC_ALL: 'C.UTF-8',
        TZ: 'UTC',
        PVE_PROVISION_CACHE: join(folder, 'cache'),
      },
      substitutes: await vendor.publish(manifestsOf(text)),
      programs: ['pvesm', 'pvesh', 'pveum', 'qm'],
      run: (words) => node.run(words),
    })
    const isUpdate = process.env.UPDATE_PAGES !== undefined
    try {
      const updated = await playPage(text, player, {
        cue: async (name) => {
          expect(name).toBe('a newer build')
          vendor.moveOn()
        },
        check: ({ line, wrong, printed }) => {
          if (!isUpdate || wrong?.startsWith('exit'))
            expect([`${page}:${line}`, wrong, printed]).toEqual([`${page}:${line}`, undefined, printed])
        },
      })
      if (isUpdate) await writeFile(join(ROOT, page), updated)
    } finally {
      await player.close()
      node.close()
      await cluster.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('every other manifest of the documents and examples', () => {
  const MANIFESTS = [
    ...PAGES.flatMap((page) => manifestsOf(read(page)).map((text, index) => [`${page} (${index + 1})`, text] as const)),
    ...EXAMPLES.map((file) => [file, read(file)] as const),
  ]

  let cluster: Cluster

  beforeAll(async () => {
    cluster = await start()
    const hands = handsAt(cluster)
    for (const poolid of ['lab', 'provision']) await hands.call('POST', '/pools', { poolid })
    for (const [kind, id, map] of MAPPINGS) await hands.call('POST', `/cluster/mapping/${kind}`, { id, map })
    hands.close()
  })
  afterAll(() => cluster?.close())

  it.each(MANIFESTS)('%s is planned without a problem', async (_, text) => {
    const folder = await home()
    const published = await vendor.publish([text])
    const keys = KEYS_AT.map((address) => [address, OWN_KEY] as const)
    const substitutes = new Map([...published, ...keys, [LISTED_KEYS, `- ${OWN_KEY}`]])
    const here = [...substitutes].reduce((all, [name, value]) => all.replaceAll(name, value), text)
    await writeFile(join(folder, 'pve-provision.yaml'), here)
    await vendor.copyImage(join(folder, 'appliance.qcow2'))
    await cp(join(ROOT, 'examples/everything'), join(folder, 'everything'), { recursive: true })
    const { exitCode, stdout, stderr } = await cluster.cli(['plan', '--json'], {
      cwd: folder,
      environment: { ...VARIABLES, HOME: folder },
    })
    expect([stderr, JSON.parse(stdout).problems, exitCode]).toEqual(['', [], 0])
    await rm(folder, { recursive: true, force: true })
  })
})

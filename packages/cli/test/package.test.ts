// The packages as they would be published: from their tarballs, in empty folders, without a network.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const MODULES = join(ROOT, 'node_modules')
const NPM = { env: { npm_config_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' } }

let folder: string

function manifestOf(home: string): { readonly dependencies: Readonly<Record<string, string>> } {
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  return { dependencies: manifest.dependencies ?? {} }
}

/** Returns these packages of the workspace and all their dependencies. */
function installedWith(names: readonly string[], found = new Set<string>()): ReadonlySet<string> {
  for (const name of names.filter((each) => !found.has(each))) {
    found.add(name)
    installedWith(Object.keys(manifestOf(join(MODULES, name)).dependencies), found)
  }
  return found
}

async function pack(name: string): Promise<string> {
  const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', folder, '--ignore-scripts'], {
    ...NPM,
    cwd: join(ROOT, 'packages', name),
  })
  const packed: unknown = JSON.parse(stdout)
  // npm 9 returns a list, npm 11 may return a mapping by name.
  const [first] = Array.isArray(packed) ? packed : Object.values(packed as object)
  return join(folder, (first as { filename: string }).filename.replace('@', '').replace('/', '-'))
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each([
  { name: 'core', others: ['zod', 'openpgp', 'undici'] },
  { name: 'simulator', others: ['execa', 'selfsigned', 'Proxmox Server Solutions'] },
  { name: 'cli', others: ['commander', 'zod', 'execa', 'log-update', 'openpgp', '@noble/hashes'] },
])('the tarball of packages/$name', ({ name, others }) => {
  let unpacked: string
  const read = (file: string) => readFileSync(join(unpacked, file), 'utf8')

  beforeAll(async () => {
    unpacked = join(folder, `unpacked-${name}`)
    mkdirSync(unpacked)
    await execa('tar', ['-xzf', await pack(name), '-C', unpacked, '--strip-components=1'])
  })

  it('has a description, a licence, and an address to report a bug', () => {
    expect(read('README.md')).toContain(`# ${JSON.parse(read('package.json')).name}\n`)
    expect(read('LICENSE')).toContain('GNU GENERAL PUBLIC LICENSE')
    expect(JSON.parse(read('package.json'))).toMatchObject({
      keywords: expect.arrayContaining(['proxmox']),
      homepage: expect.stringMatching(/^https:/),
      bugs: { url: expect.stringMatching(/^https:/) },
      author: expect.any(String),
    })
  })

  it('has the notices of third-party code, each once and with a licence text or its authors', () => {
    const notices = read('THIRD-PARTY-NOTICES.txt')
    for (const other of others) expect(notices).toContain(other)
    const titles = [...notices.matchAll(/^\S+ \d+\.\d+\.\d+\S* \(.+\)$/gm)].map(([title]) => title)
    expect(titles).toEqual([...new Set(titles)])
    for (const part of notices.split(/^-{80}$/m)) expect(part).toMatch(/copyright|public domain|GNU|^By \w+/im)
  })

  it('contains only build output: no maps, no sources, no tests', () => {
    const files = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    const names = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
    const built = names.map((file) => relative(unpacked, file)).filter((file) => file.startsWith('dist'))
    expect(readdirSync(unpacked).toSorted()).toEqual(
      ['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.txt', 'dist', 'package.json'].toSorted(),
    )
    expect(built.length).toBeGreaterThan(5)
    expect(built.filter((file) => !/\.(?:js|d\.ts|json)$/.test(file))).toEqual([])
    expect(built.filter((file) => read(file).includes('sourceMappingURL'))).toEqual([])
  })
})

describe('the tarball of pve-provision', () => {
  it('installs into an empty folder without a network and brings no dependencies', async () => {
    const tarball = await pack('cli')
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    await execa('npm', ['install', '--prefix', empty, '--ignore-scripts', tarball], { ...NPM, cwd: empty })
    expect(readdirSync(join(empty, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['pve-provision'])
    const program = join(empty, 'node_modules', '.bin', 'pve-provision')
    expect((await execa(process.execPath, [program, '--version'])).stdout).toMatch(/^\d+\.\d+\.\d+$/)
    cpSync(join(ROOT, 'examples', 'homelab.yaml'), join(empty, 'pve-provision.yaml'))
    const env = { HOME: empty, XDG_CACHE_HOME: join(empty, 'cache') }
    expect((await execa(process.execPath, [program, 'validate'], { cwd: empty, env })).stdout).toContain('is fine')
  })
})

describe('the tarball of @pve-provision/core', () => {
  const use = `import { parseManifest, ProvisionError } from '@pve-provision/core'
import { changesIn } from '@pve-provision/core/advanced'
const text = 'project: lab\\nimages: {}\\nvms: {}\\n'
const { desired } = parseManifest({ text, file: 'm.yaml' })
if (desired.project !== 'lab' || changesIn({ steps: [] }) !== 0) throw new Error('wrong')
try {
  parseManifest({ text: '[', file: 'm.yaml' })
} catch (error) {
  if (!(error instanceof ProvisionError) || error.code !== 'MANIFEST') throw error
  console.log('it works')
}
`
  /** Creates a project with core from its tarball. Core's dependencies are those of the workspace. */
  async function project(name: string): Promise<string> {
    const home = join(folder, name)
    const target = join(home, 'node_modules', '@pve-provision', 'core')
    mkdirSync(target, { recursive: true })
    await execa('tar', ['-xzf', await pack('core'), '-C', target, '--strip-components=1'])
    const { dependencies } = manifestOf(target)
    // The compiler in this test needs the types of Node.
    for (const dependency of [...installedWith(Object.keys(dependencies)), '@types', 'undici-types']) {
      const link = join(home, 'node_modules', dependency)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(MODULES, dependency), link)
    }
    writeFileSync(join(home, 'package.json'), '{ "type": "module", "private": true }')
    return home
  }

  it('runs from a JavaScript project', async () => {
    const home = await project('javascript')
    writeFileSync(join(home, 'main.js'), use)
    expect((await execa(process.execPath, ['main.js'], { cwd: home })).stdout).toBe('it works')
  })

  it('type-checks in a strict TypeScript project', async () => {
    const home = await project('typescript')
    writeFileSync(join(home, 'main.ts'), use)
    // The example in docs/library.md must compile too.
    const [, shown = ''] = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(ROOT, 'docs/library.md'), 'utf8')) ?? []
    expect(shown).toContain('provision(')
    writeFileSync(join(home, 'library.ts'), shown)
    const options = {
      module: 'nodenext',
      target: 'es2024',
      strict: true,
      noEmit: true,
      types: ['node'],
      skipLibCheck: true,
    }
    writeFileSync(
      join(home, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['main.ts', 'library.ts'] }),
    )
    await execa(process.execPath, [join(MODULES, 'typescript', 'bin', 'tsc'), '-p', '.'], { cwd: home })
    writeFileSync(join(home, 'main.ts'), use.replace("file: 'm.yaml' })\nif", 'file: 7 })\nif'))
    await expect(
      execa(process.execPath, [join(MODULES, 'typescript', 'bin', 'tsc'), '-p', '.'], { cwd: home }),
    ).rejects.toMatchObject({
      stdout: expect.stringContaining('TS2322'),
    })
  })
})

// Creates a Debian archive with real packages in a folder, and makes apt use only that. The system is neither read nor
// changed, and nothing comes from the network.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary.ts'

export interface DebianArchive {
  /** Makes apt use only this archive. */
  readonly env: Readonly<Record<string, string>>
  /** Removes the packages or puts them back. The package lists stay. */
  setAvailable(available: boolean): void
}

/** Creates an archive with `qemu-utils`, which contains this computer's qemu-img, and a package that it depends on. */
export function makeDebianArchive(qemuImg: string): DebianArchive {
  const folder = temporaryFolder('apt')
  const repository = join(folder, 'repository')
  mkdirSync(repository)
  const architecture = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim()
  const packages = [
    makePackage(repository, {
      name: 'qemu-utils',
      version: '1:7.2+dfsg-7+test',
      architecture,
      depends: 'libfixture1',
      file: qemuImg,
      to: 'usr/bin/qemu-img',
    }),
    makePackage(repository, {
      name: 'libfixture1',
      version: '0.1-1',
      architecture,
      file: '/etc/hostname',
      to: `usr/lib/${tripletOf()}/libfixture.so.1`,
    }),
  ]
  writeFileSync(join(repository, 'Packages'), packages.join('\n'))
  writeFileSync(join(folder, 'sources.list'), `deb [trusted=yes] copy:${repository} ./\n`)
  writeFileSync(join(folder, 'status'), '')
  for (const name of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'apt.conf'), configuration(folder))
  return {
    env: { APT_CONFIG: join(folder, 'apt.conf') },
    setAvailable: (available) => {
      for (const name of ['qemu-utils', 'libfixture1']) {
        const [shown, hidden] = [join(repository, `${name}.deb`), join(repository, `${name}.away`)]
        if (available && existsSync(hidden)) renameSync(hidden, shown)
        if (!available && existsSync(shown)) renameSync(shown, hidden)
      }
    },
  }
}

function configuration(folder: string): string {
  return [
    `Dir::State "${folder}/state";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::Cache "${folder}/cache";`,
    `Dir::Etc::sourcelist "${folder}/sources.list";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::parts "/dev/null";',
    'APT::Sandbox::User "";',
    '',
  ].join('\n')
}

interface PackageSpec {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly depends?: string
  readonly file: string
  readonly to: string
}

/** Builds the package and returns its entry for the index. */
function makePackage(repository: string, { name, version, architecture, depends, file, to }: PackageSpec): string {
  const tree = temporaryFolder('deb')
  mkdirSync(join(tree, 'DEBIAN'))
  mkdirSync(join(tree, to, '..'), { recursive: true })
  copyFileSync(file, join(tree, to))
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: nobody <nobody@example.org>',
    ...(depends ? [`Depends: ${depends}`] : []),
    'Description: for a test',
  ].join('\n')
  writeFileSync(join(tree, 'DEBIAN', 'control'), `${control}\n`)
  const path = join(repository, `${name}.deb`)
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', '-Znone', tree, path], { stdio: 'ignore' })
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  return `${control}\nFilename: ./${name}.deb\nSize: ${statSync(path).size}\nSHA256: ${sha256}\n`
}

function tripletOf(): string {
  return process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
}

/** Returns a PATH with all programs of this computer except one. */
export function pathWithout(missing: string): string {
  const folder = temporaryFolder('path')
  const programs = new Map<string, string>()
  for (const place of ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].filter((path) => existsSync(path))) {
    for (const name of readdirSync(place)) if (!programs.has(name)) programs.set(name, join(place, name))
  }
  programs.delete(missing)
  for (const [name, path] of programs) symlinkSync(path, join(folder, name))
  return folder
}

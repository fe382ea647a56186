import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createForeignFiles, LARGEST_FILE_BYTES } from '../../../src/ports/files/foreign-files.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreign-'))
  for (const name of ['work', 'work/many', 'work/empty', 'outside']) mkdirSync(join(folder, name))
  for (const name of [
    'work/a.txt',
    'work/many/20.yml',
    'work/many/10.yaml',
    'work/many/.hidden.yaml',
    'work/many/x.txt',
  ])
    writeFileSync(join(folder, name), name)
  writeFileSync(join(folder, 'outside/secret'), 'secret')
  writeFileSync(join(folder, 'work/large'), '')
  truncateSync(join(folder, 'work/large'), LARGEST_FILE_BYTES + 1)
  symlinkSync('../outside/secret', join(folder, 'work/link'))
  symlinkSync('../outside', join(folder, 'work/folder-link'))
  symlinkSync('a.txt', join(folder, 'work/good-link'))
  symlinkSync('loop', join(folder, 'work/loop'))
  execFileSync('mkfifo', [join(folder, 'work/pipe')])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const files = (root?: string) => createForeignFiles({ folder: join(folder, 'work'), root })
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('a file that a manifest names', () => {
  it('is read as it is, relative to the manifest', () => {
    expect(textOf(files().readFile('a.txt', 'm.yaml'))).toBe('work/a.txt')
    expect(textOf(files().readFile('../a.txt', 'many/10.yaml'))).toBe('work/a.txt')
    expect(textOf(files().readFile('good-link', '<stdin>'))).toBe('work/a.txt')
  })

  it.each([
    ['a pipe, without waiting for it', 'pipe', /is no regular file/],
    ['a device', '/dev/zero', /one of the kernel/],
    ["this process's environment", '/proc/self/environ', /one of the kernel/],
    ['a file of sysfs', '/sys/kernel/uevent_seqnum', /one of the kernel|ENOENT/],
    ['a folder', 'many', /is a folder/],
    ['more than fits', 'large', /is larger than 16 MiB/],
    ['a link to itself', 'loop', /ELOOP/],
    ['nothing', 'none', /ENOENT/],
  ])('is refused where it is %s', (_what, path, reason) => {
    expect(() => files().readFile(path, 'm.yaml')).toThrow(reason)
  })

  it.each(['../outside/secret', 'link', 'folder-link/secret', '/etc/hostname'])(
    'is refused outside the root, links resolved: %s',
    (path) => {
      const root = join(folder, 'work')
      expect(() => files(root).readFile(path, 'm.yaml')).toThrow(/is outside/)
      expect(() => files(root).resolveFile(path, 'm.yaml')).toThrow(/is outside/)
    },
  )

  it('is refused in the folder of Git, which may contain a token', () => {
    mkdirSync(join(folder, 'work/sub/.git'), { recursive: true })
    writeFileSync(join(folder, 'work/sub/.git/config'), 'extraheader = AUTHORIZATION')
    const root = join(folder, 'work')
    expect(() => files(root).readFile('sub/.git/config', 'm.yaml')).toThrow('belongs to Git')
    expect(() => files(root).resolveFile('.git/index', 'm.yaml')).toThrow('belongs to Git')
    expect(textOf(files().readFile('sub/.git/config', 'm.yaml'))).toContain('AUTHORIZATION')
  })

  it('is refused as an image where the kernel generates it', () => {
    expect(() => files().resolveFile('/proc/version', 'm.yaml')).toThrow('one of the kernel')
  })

  it('may be missing below the root where only its path is needed', () => {
    expect(files(join(folder, 'work')).resolveFile('later/disk.qcow2', 'm.yaml')).toBe(
      join(folder, 'work/later/disk.qcow2'),
    )
  })

  it('is found in the home of the user behind a tilde', () => {
    expect(files().resolveFile('~/key.pub', 'm.yaml')).toMatch(/^\/.*[^~]\/key\.pub$/)
  })
})

describe('manifests', () => {
  it('of a folder are its YAML files by name, each with its own', () => {
    expect(
      files()
        .manifests(['many'])
        .map(({ file, text }) => [file, textOf(text)]),
    ).toEqual([
      ['many/10.yaml', 'work/many/10.yaml'],
      ['many/20.yml', 'work/many/20.yml'],
    ])
    expect(() => files().manifests(['empty'])).toThrow('is a folder without a .yaml file')
  })

  it('come from standard input for `-`', () => {
    const readInput = () => new TextEncoder().encode('project: x')
    expect(createForeignFiles({ folder, readInput }).manifests(['-'])[0]?.file).toBe('<stdin>')
  })
})

describe('a manifest is called in markers', () => {
  it('by its path in the repository that it is in, from wherever it is named', () => {
    mkdirSync(join(folder, 'repository/.git'), { recursive: true })
    mkdirSync(join(folder, 'repository/site'))
    for (const name of ['top.yaml', 'site/a.yaml']) writeFileSync(join(folder, 'repository', name), '')
    const identities = (from: string, name: string) =>
      createForeignFiles({ folder: join(folder, from) })
        .manifests([name])
        .map(({ identity, isFromFolder }) => [identity, isFromFolder])
    expect(identities('repository', 'top.yaml')).toEqual([['top.yaml', false]])
    expect(identities('work', '../repository/site/a.yaml')).toEqual([['site/a.yaml', false]])
    expect(identities('repository/site', '.')).toEqual([['site/a.yaml', true]])
  })

  it('with its folder where there is no repository; what comes from standard input is not', () => {
    const files = createForeignFiles({ folder: join(folder, 'work'), readInput: () => new Uint8Array() })
    expect(files.manifests(['many/10.yaml', '-']).map(({ identity }) => identity)).toEqual(['many/10.yaml', undefined])
  })
})

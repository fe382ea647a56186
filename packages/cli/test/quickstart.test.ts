// Tests the quickstart's folder: files of the user and a running cluster are never removed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimFolder, releaseFolder, writeOwn } from '../../../scripts/quickstart/claim-folder.ts'
import { manifestText } from '../../../scripts/quickstart/manifest.ts'
import { runCli } from './support/run-cli.ts'

let parent: string
let folder: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'quickstart-'))
  folder = join(parent, '.quickstart')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

describe('the folder of the quickstart', () => {
  it('is emptied if its content is unchanged', async () => {
    await claimFolder(folder)
    await writeOwn(folder, 'pve-provision.yaml', 'as it was\n')
    await releaseFolder(folder)
    expect(await claimFolder(folder)).toEqual({})
    expect(existsSync(join(folder, 'pve-provision.yaml'))).toBe(false)
  })

  it('is moved aside if the manifest was changed', async () => {
    for (const number of [1, 2]) {
      await claimFolder(folder)
      await writeOwn(folder, 'pve-provision.yaml', 'as it was\n')
      await writeFile(join(folder, 'pve-provision.yaml'), `mine ${number}\n`)
      await releaseFolder(folder)
      const { saved = '' } = await claimFolder(folder)
      expect(saved).toBe(`${folder}-saved-${number}`)
      expect(await readFile(join(saved, 'pve-provision.yaml'), 'utf8')).toBe(`mine ${number}\n`)
    }
  })

  it('is refused while a cluster of another quickstart runs in it, and free when that has ended', async () => {
    await claimFolder(folder)
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    await writeFile(join(folder, 'running'), `${other.pid}\n`)
    await expect(claimFolder(folder)).rejects.toThrow(/A quickstart is running here .*Ctrl-C/)
    const ended = new Promise((resolve) => other.once('close', resolve))
    other.kill()
    await ended
    expect(await claimFolder(folder)).toEqual({})
  })
})

describe('the manifest of the quickstart', () => {
  it('is fine, and raises no note', async () => {
    await writeFile(join(parent, 'pve-provision.yaml'), manifestText('http://127.0.0.1:1'))
    const { exitCode, stdout } = await runCli(['validate', '--json'], { cwd: parent })
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { ok: true, notes: [] }])
    expect(manifestText('http://127.0.0.1:1')).toContain('sshKeys:')
  })
})

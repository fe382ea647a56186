// The program: its output line, its options, its exit.
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const runIn = (env: Record<string, string>, ...args: string[]) =>
  execa(process.execPath, [program, ...args], { reject: false, env })
const run = (...args: string[]) => runIn({}, ...args)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulator-main-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function firstLine(child: ReturnType<typeof run>): Promise<Record<string, string>> {
  const printed = once(child.stdout, 'data').then(([chunk]) => String(chunk))
  const line = await Promise.race([printed, child.then(({ stderr }) => Promise.reject(new Error(stderr)))])
  return JSON.parse(line) as Record<string, string>
}

test('prints one line when it is ready, serves the configured cluster, and ends on SIGTERM', async () => {
  const faults = join(folder, 'faults.json')
  await writeFile(
    faults,
    JSON.stringify([{ action: 'fail', path: '/cluster/nextid', status: 418, reason: 'a teapot' }]),
  )
  const words = `--listen 127.0.0.1:0 --nodes a,b --latency instant --pve 8.4 --machines 3 --control 0 --fault fail:GET:/version:count=1`
  const storages = ['--storages', 'local,nas:nfs:images+import']
  const child = run(...words.split(' '), ...storages, '--data', join(folder, 'data'), '--faults-file', faults)
  const line = await firstLine(child)
  expect(Object.keys(line)).toEqual(['endpoint', 'fingerprint', 'tokenId', 'tokenSecret', 'control'])
  expect(line.endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  expect(line.fingerprint).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  const state = (await (await fetch(`${line.control}/state.json`)).json()) as Record<string, unknown>
  expect(state).toMatchObject({
    version: '8.4',
    nodes: [
      { name: 'a', machines: 2 },
      { name: 'b', machines: 1 },
    ],
    storages: [
      { id: 'local', type: 'dir' },
      { id: 'nas', type: 'nfs', shared: true, content: ['images', 'import'] },
    ],
    faults: [{ path: '/version' }, { path: '/cluster/nextid' }],
  })
  child.kill('SIGTERM')
  expect(await child).toMatchObject({ exitCode: 0, stderr: '' })
})

test.each([
  [['--latency', 'warp'], "--latency wants one of instant, laptop, server, not 'warp'"],
  [['--pve', '7'], "--pve wants one of 8.4, 9.2, not '7'"],
  [['--listen', 'nowhere'], "--listen must be HOST:PORT, not 'nowhere'"],
  [
    ['--storages', 'disk:floppy'],
    "'floppy' is not a type of storage: dir, btrfs, nfs, cifs, lvmthin, lvm, zfspool, rbd",
  ],
  [['--storages', 'thin:lvmthin:iso'], "a storage of type lvmthin holds no 'iso': images, rootdir"],
  [
    ['--fault', 'explode'],
    "'explode' is not a fault: fail, delay, drop-before, drop-after, truncate, no-worker, fail-task",
  ],
  [['--machines', 'many'], "--machines must be a number, not 'many'"],
  [['--nosuch'], "Unknown option '--nosuch'"],
])('%j is reported in a sentence, with the usage, and exit 64', async (args, sentence) => {
  const { exitCode, stderr, stdout } = await run(...args)
  expect({ exitCode, stdout, first: stderr.split('\n')[0] }).toEqual({
    exitCode: 64,
    stdout: '',
    first: expect.stringContaining(sentence),
  })
  expect(stderr).toContain('Usage: pve-simulator')
})

test('a port that is in use is reported with a remedy, and exit 1', async () => {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const { exitCode, stderr } = await run('--listen', `127.0.0.1:${port}`)
  server.close()
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: `listen EADDRINUSE: address already in use 127.0.0.1:${port}\nName another port with --listen HOST:PORT; port 0 takes any free one.`,
  })
})

test('without qemu-img it still serves, and says what is missing', async () => {
  const child = runIn({ PATH: folder }, '--listen', '127.0.0.1:0', '--latency', 'instant')
  expect((await firstLine(child)).endpoint).toMatch(/^https:/)
  child.kill('SIGTERM')
  expect((await child).stderr).toBe('No disks can be made: qemu-img is not installed (Debian: apt install qemu-utils).')
})

test('--help prints the usage on stdout', async () => {
  const { exitCode, stdout } = await run('--help')
  expect(exitCode).toBe(0)
  expect(stdout).toContain('--fault RULE')
})

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withSshKeys } from '../../src/facts/ssh-keys.ts'
import { systemClock } from '../../src/ports/clock.ts'
import { createHttp } from '../../src/ports/http/create-http.ts'
import { createMeter } from '../../src/ports/meter.ts'
import type { World } from '../../src/ports/world.ts'
import { desiredState } from '../support/given.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC'
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHr2nGgq3rwpB2qFCRp7DFl1rh5iWvCDJHtFTd3ISzZ8'
const requests: string[] = []
const server = createServer((request, response) => {
  requests.push(request.url ?? '')
  const lines = [
    KEY,
    '',
    '# two',
    `from="10.0.0.0/8",command="say \\"hi there\\"" ${OTHER} jump`,
    'ssh-rsa BBBB me@desk',
  ]
  response.end(request.url === '/me.keys' ? lines.join('\n') : '<html>nobody</html>')
})
const folder = mkdtempSync(join(tmpdir(), 'keys-'))
let world: World
let url: string

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  world = { http: createHttp({ directory: folder, clock: systemClock, meter: createMeter() }) } as unknown as World
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('withSshKeys', () => {
  it('adds the keys of a URL to those given as text, and requests each URL once', async () => {
    const desired = desiredState(
      `vms: { web: { count: 3, cloudInit: { sshKeys: ["${KEY} mine", { url: "${url}/me.keys" }] } } }`,
    )
    const { machines, notes = [] } = await withSshKeys(desired, world)
    expect(notes).toEqual([
      { file: `${url}/me.keys`, line: 5, column: 1, message: 'This line is truncated, or not base64; it is ignored.' },
    ])
    expect(machines.map(({ cloudInit }) => cloudInit?.sshKeys)).toEqual(
      Array.from({ length: 3 }, () => [
        `${KEY} mine`,
        KEY,
        `from="10.0.0.0/8",command="say \\"hi there\\"" ${OTHER} jump`,
      ]),
    )
    expect(requests).toEqual(['/me.keys'])
  })

  it('makes no request where no URL is given', async () => {
    const desired = desiredState(`vms: { web: { cloudInit: { sshKeys: ["${KEY}"] } } }`)
    expect(await withSshKeys(desired, { http: undefined } as unknown as World)).toBe(desired)
  })

  it('refuses a URL without keys', async () => {
    const desired = desiredState(`vms: { web: { cloudInit: { sshKeys: [{ url: "${url}/nobody.keys" }] } } }`)
    await expect(withSshKeys(desired, world)).rejects.toMatchObject({
      code: 'HTTP',
      hint: expect.stringContaining('.keys'),
    })
  })
})

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

const requests: string[] = []
const server = createServer((request, response) => {
  requests.push(request.url ?? '')
  response.end(request.url === '/me.keys' ? 'ssh-ed25519 AAAA\n\nssh-rsa BBBB me@desk\n' : '<html>nobody</html>')
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
  it('adds the keys of an address to those given as text, and asks each address once', async () => {
    const desired = desiredState(
      `vms: { web: { count: 3, cloudInit: { sshKeys: [ssh-ed25519 CCCC, { url: "${url}/me.keys" }] } } }`,
    )
    const { machines } = await withSshKeys(desired, world)
    expect(machines.map(({ cloudInit }) => cloudInit?.sshKeys)).toEqual(
      Array.from({ length: 3 }, () => ['ssh-ed25519 CCCC', 'ssh-ed25519 AAAA', 'ssh-rsa BBBB me@desk']),
    )
    expect(requests).toEqual(['/me.keys'])
  })

  it('asks nobody where no address is given', async () => {
    const desired = desiredState('vms: { web: { cloudInit: { sshKeys: [ssh-ed25519 CCCC] } } }')
    expect(await withSshKeys(desired, { http: undefined } as unknown as World)).toBe(desired)
  })

  it('refuses an address that gives no key', async () => {
    const desired = desiredState(`vms: { web: { cloudInit: { sshKeys: [{ url: "${url}/nobody.keys" }] } } }`)
    await expect(withSshKeys(desired, world)).rejects.toMatchObject({
      code: 'HTTP',
      hint: expect.stringContaining('.keys'),
    })
  })
})

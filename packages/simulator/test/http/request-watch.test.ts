import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { type Client, clientOf } from '../support/client.ts'

let simulator: Simulator
let api: Client

beforeEach(async () => {
  simulator = await createSimulator({ latency: 'instant' })
  api = clientOf(simulator)
})
afterEach(() => simulator.close())

describe('the next request', () => {
  it('is reported as it arrives, by method and path', async () => {
    const any = simulator.requests.next()
    const post = simulator.requests.next({ method: 'POST', path: '/nodes/*/qemu' })
    await api('GET', '/version')
    expect(await any).toEqual({ method: 'GET', path: '/version' })
    await api('GET', '/nodes/pve/qemu')
    await api('POST', '/nodes/pve/qemu', { vmid: 100 })
    expect(await post).toEqual({ method: 'POST', path: '/nodes/pve/qemu' })
  })

  it('that does not come is waited for until the signal aborts', async () => {
    const controller = new AbortController()
    const waiting = simulator.requests.next({ path: '/cluster/**' }, { signal: controller.signal })
    await api('GET', '/version')
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(simulator.requests.next({}, { signal: controller.signal })).rejects.toThrow('enough')
  })
})

describe('a held request', () => {
  it('has arrived, and is not handled before it is released', async () => {
    const held = simulator.requests.hold({ method: 'POST', path: '/nodes/*/qemu' })
    const creating = api('POST', '/nodes/pve/qemu', { vmid: 100 })
    await held.arrived
    expect(await api('GET', '/nodes/pve/qemu')).toMatchObject({ data: [] })
    held.release()
    await creating
    expect(await api('GET', '/nodes/pve/qemu')).toMatchObject({ data: [{ vmid: 100 }] })
  })

  it('is only the next one', async () => {
    const held = simulator.requests.hold({ path: '/version' })
    const first = api('GET', '/version')
    await held.arrived
    await api('GET', '/version')
    held.release()
    await first
  })

  it('that is released before it arrives is not held', async () => {
    simulator.requests.hold({ path: '/version' }).release()
    await expect(api('GET', '/version')).resolves.toBeDefined()
  })
})

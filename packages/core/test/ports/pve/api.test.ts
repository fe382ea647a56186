import { describe, expect, expectTypeOf, it } from 'vitest'
import { api, type QemuConfigParameters } from '../../../src/ports/pve/api.ts'
import type { Pve, RequestOptions } from '../../../src/ports/pve/pve.ts'
import { rejection } from './support/client.ts'

interface Asked {
  readonly method: string
  readonly path: string
  readonly options: RequestOptions | undefined
}

function recorder(): { readonly pve: Pick<Pve, 'request'>; readonly asked: Asked[] } {
  const asked: Asked[] = []
  const request: Pve['request'] = async (method, path, options) => {
    asked.push({ method, path, options })
    return null
  }
  return { pve: { request }, asked }
}

describe('the navigator', () => {
  it('requests the path of its properties, with the parameters and options of the call', async () => {
    const { pve, asked } = recorder()
    const { signal } = new AbortController()
    await api(pve, { signal }).nodes.$('pve1').qemu.$(100).config.$put({ cores: 4, net0: 'virtio' })
    expect(asked).toEqual([
      {
        method: 'PUT',
        path: '/nodes/pve1/qemu/100/config',
        options: { signal, parameters: { cores: 4, net0: 'virtio' } },
      },
    ])
  })

  it.each([
    [
      'a volume',
      (pve: Pick<Pve, 'request'>) => api(pve).nodes.$('n').storage.$('st').content.$('st:import/a.qcow2').$get(),
    ],
    ['an HA resource', (pve: Pick<Pve, 'request'>) => api(pve).cluster.ha.resources.$('vm:100').$get()],
    ['a nested pool', (pve: Pick<Pve, 'request'>) => api(pve).pools.$('ci/web').$get()],
  ])('encodes the id of %s as one segment', async (_, call) => {
    const { pve, asked } = recorder()
    await call(pve)
    expect(asked[0]?.path).toMatch(/^(\/[\w.%-]+)+$/)
    expect(decodeURIComponent(asked[0]?.path ?? '')).toMatch(/(st:import\/a\.qcow2|vm:100|ci\/web)$/)
  })

  it.each(['..', 'pve1#', 'a/../../access', '', 'pve1?x=1'])(
    'refuses %j as the name of a node before anything is sent',
    async (node) => {
      const { pve, asked } = recorder()
      expect(await rejection(api(pve).nodes.$(node).qemu.$get())).toMatchObject({ code: 'MANIFEST' })
      expect(asked).toEqual([])
    },
  )

  it('has types for each call: a wrong parameter or route does not compile', () => {
    const { pve } = recorder()
    const machine = () => api(pve).nodes.$('pve1').qemu.$(100)
    // @ts-expect-error Proxmox's name is `cores`
    void (() => machine().config.$put({ cpus: 4 }))
    // @ts-expect-error a clone needs `newid`
    void (() => machine().clone.$post({ name: 'web' }))
    // @ts-expect-error there is no such network key
    void (() => machine().config.$put({ nic0: 'virtio' }))
    // @ts-expect-error no such route
    void (() => machine().configuration)
    const download = () => api(pve).nodes.$('n').storage.$('s')['download-url']
    // @ts-expect-error the checksum's parameter is `checksum-algorithm`
    void (() => download().$post({ content: 'import', filename: 'a', url: 'b', algorithm: 'sha256' }))
    expectTypeOf<Parameters<ReturnType<typeof machine>['config']['$put']>[0]>().toExtend<
      QemuConfigParameters | undefined
    >()
    expectTypeOf(machine().status.current.$get).returns.resolves.toHaveProperty('status')
  })
})

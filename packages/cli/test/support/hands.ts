// Acts as another user of the cluster: makes calls like the web interface and waits for their tasks.
import { createWorld } from '@pve-provision/core'
import type { Cluster } from './cluster.ts'

export interface Hands {
  call<Answer>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    parameters?: Readonly<Record<string, unknown>>,
  ): Promise<Answer>
  /** Returns the config of a guest. */
  config(vmid: number, node?: string): Promise<Readonly<Record<string, unknown>>>
  /** Returns the vmid of the guest with this name. */
  vmidOf(name: string, node?: string): Promise<number>
  close(): void
}

export function handsAt({ environment }: Pick<Cluster, 'environment'>): Hands {
  const {
    PVE_ENDPOINT = '',
    PVE_TOKEN_ID = '',
    PVE_TOKEN_SECRET = '',
    PVE_FINGERPRINT = '',
    PVE_PROVISION_CACHE = '',
  } = environment
  const { pve } = createWorld({
    pve: {
      endpoints: [new URL(PVE_ENDPOINT)],
      credentials: { tokenId: PVE_TOKEN_ID, tokenSecret: PVE_TOKEN_SECRET },
      trust: { fingerprint: PVE_FINGERPRINT },
    },
    cacheDirectory: PVE_PROVISION_CACHE,
  })
  const call: Hands['call'] = async (method, path, parameters = {}) => {
    const answer = await pve.request(method, path, { parameters })
    if (typeof answer === 'string' && answer.startsWith('UPID:')) await pve.waitForTask(answer)
    return answer as never
  }
  return {
    call,
    config: (vmid, node = 'pve1') => call('GET', `/nodes/${node}/qemu/${vmid}/config`),
    async vmidOf(name, node = 'pve1') {
      const rows = await call<readonly { readonly vmid: number; readonly name: string }[]>('GET', `/nodes/${node}/qemu`)
      return Number(rows.find((row) => row.name === name)?.vmid)
    },
    close: () => pve.close(),
  }
}

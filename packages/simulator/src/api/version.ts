// GET /version, and the same for a node.
import type { PveVersion } from '../state/privileges.ts'
import type { Endpoint } from './call.ts'

const versions: Readonly<Record<PveVersion, { release: string; version: string; repoid: string }>> = {
  '8.4': { release: '8.4', version: '8.4.21', repoid: '2606ac850d46da29' },
  '9.2': { release: '9.2', version: '9.2.6', repoid: '4d2c1b7a90e35f18' },
}

export const versionEndpoints: readonly Endpoint[] = [
  { path: '/version', method: 'GET', handle: ({ world }) => versions[world.version] },
  { path: '/nodes/{node}/version', method: 'GET', handle: ({ world }) => versions[world.version] },
]

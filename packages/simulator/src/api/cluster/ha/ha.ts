// High availability: which machines the cluster manages, their wanted state, and their nodes (pve-ha-manager
// `API2/HA`).
import type { Endpoint } from '../../call.ts'
import { haGroupEndpoints } from './groups.ts'
import { haResourceEndpoints } from './resources.ts'
import { haRuleEndpoints } from './rules.ts'
import { haStatusEndpoints } from './status.ts'

export const haEndpoints: readonly Endpoint[] = [
  {
    path: '/cluster/ha',
    method: 'GET',
    handle: ({ world }) =>
      ['status', 'resources', 'groups', ...(world.version === '8.4' ? [] : ['rules'])].map((id) => ({ id })),
  },
  ...haResourceEndpoints,
  ...haGroupEndpoints,
  ...haRuleEndpoints,
  ...haStatusEndpoints,
]

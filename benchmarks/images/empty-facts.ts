import type { Facts } from '../../packages/core/src/facts/facts.ts'

/** Facts about a cluster without nodes, for runs that only download and convert. */
export const EMPTY_FACTS: Facts = {
  cluster: {
    endpoint: '',
    version: { text: '9.2.0', major: 9, minor: 2 },
    nodes: [],
    storages: [],
    bridges: new Map(),
    permissions: {},
  },
  images: new Map(),
  blobs: new Set(),
  volumes: new Map(),
  guests: [],
  listed: new Map(),
}

import { describe, expect, it } from 'vitest'
import {
  clearFacts,
  FACTS_MAX_AGE_MS,
  recallClusterFacts,
  recordClusterFacts,
  type SlowFacts,
  showFacts,
} from '../../../src/facts/cluster/facts-cache.ts'
import type { JournalEntry, World } from '../../../src/ports/world.ts'

const FACTS: SlowFacts = {
  version: '9.2.11',
  permissions: { '/': { 'VM.Allocate': 1, 'Sys.Audit': 0 } },
  bridges: { pve1: ['vmbr0'] },
  tags: { allowed: [] },
}

interface Given {
  readonly endpoint?: string
  readonly identity?: string
  readonly nowMs?: number
  readonly entries?: Map<string, JournalEntry>
}

function given({
  endpoint = 'https://pve1:8006',
  identity = 'ci@pve!a',
  nowMs = 1_000_000,
  entries = new Map(),
}: Given = {}) {
  const journal: World['journal'] = {
    recall: async (key) => entries.get(key),
    record: async (key, value) => void entries.set(key, { value: structuredClone(value), atMs: nowMs }),
  }
  const pve = { endpoint, identity } as World['pve']
  return { pve, journal, clock: { now: () => nowMs, sleep: async () => undefined }, entries, nowMs }
}

describe('recallClusterFacts', () => {
  it('returns what was recorded, while it is fresh', async () => {
    const world = given()
    await recordClusterFacts(world, FACTS)
    expect(await recallClusterFacts(world)).toEqual({ facts: FACTS, atMs: world.nowMs })
  })

  it('returns nothing once the facts are as old as they may be', async () => {
    const world = given()
    await recordClusterFacts(world, FACTS)
    const later = (ms: number) => given({ entries: world.entries, nowMs: world.nowMs + ms })
    expect(await recallClusterFacts(later(FACTS_MAX_AGE_MS - 1))).toBeDefined()
    expect(await recallClusterFacts(later(FACTS_MAX_AGE_MS))).toBeUndefined()
    expect(await recallClusterFacts(later(61_000), { maxAgeMs: 60_000 })).toBeUndefined()
  })

  it('returns nothing with a maximum age of 0, even for facts of the same millisecond', async () => {
    const world = given()
    await recordClusterFacts(world, FACTS)
    expect(await recallClusterFacts(world, { maxAgeMs: 0 })).toBeUndefined()
  })

  it('returns nothing when the facts lack a required node', async () => {
    const world = given()
    await recordClusterFacts(world, FACTS)
    expect(await recallClusterFacts(world, { nodes: ['pve1'] })).toBeDefined()
    expect(await recallClusterFacts(world, { nodes: ['pve1', 'pve2'] })).toBeUndefined()
    expect(await recallClusterFacts(world, { nodes: ['constructor'] })).toBeUndefined()
  })

  it('does not confuse clusters, nor tokens with other privileges', async () => {
    const { entries } = given()
    await recordClusterFacts(given({ entries }), FACTS)
    expect(await recallClusterFacts(given({ entries, endpoint: 'https://other:8006' }))).toBeUndefined()
    expect(await recallClusterFacts(given({ entries, identity: 'ci@pve!b' }))).toBeUndefined()
  })

  it('names neither endpoint nor identity in the journal', async () => {
    const world = given()
    await recordClusterFacts(world, FACTS)
    const text = JSON.stringify([...world.entries])
    expect(text).not.toContain('pve1:8006')
    expect(text).not.toContain('ci@pve')
  })

  it.each([
    ['nothing', null],
    ['a text', 'x'],
    ['a list', []],
    ['no version', { ...FACTS, version: 9 }],
    ['a version that is none', { ...FACTS, version: 'latest' }],
    ['permissions that are a list', { ...FACTS, permissions: [] }],
    ['a privilege that is neither 0 nor 1', { ...FACTS, permissions: { '/': { 'VM.Allocate': 'yes' } } }],
    ['bridges without a list', { ...FACTS, bridges: { pve1: { 0: 'vmbr0' } } }],
    ['bridges that are no names', { ...FACTS, bridges: { pve1: [7] } }],
  ])('ignores a wrong structure: %s', async (_name, value) => {
    const world = given()
    await recordClusterFacts(world, value as SlowFacts)
    expect(await recallClusterFacts(world)).toBeUndefined()
  })
})

describe('showFacts and clearFacts', () => {
  it('shows age and freshness, also of facts that are too old', async () => {
    const { entries, nowMs } = given()
    await recordClusterFacts(given({ entries }), FACTS)
    const shown = await showFacts(given({ entries, nowMs: nowMs + 90_000 }), { maxAgeMs: 60_000 })
    expect(shown).toMatchObject({
      ageMs: 90_000,
      fresh: false,
      endpoint: 'https://pve1:8006',
      identity: 'ci@pve!a',
      facts: FACTS,
    })
  })

  it('shows nothing, and clears nothing, where nothing is cached', async () => {
    expect(await showFacts(given())).toBeUndefined()
    expect(await clearFacts(given())).toBe(false)
  })

  it('shows nothing after a clear', async () => {
    const world = given()
    await recordClusterFacts(world, FACTS)
    expect(await clearFacts(world)).toBe(true)
    expect(await showFacts(world)).toBeUndefined()
    expect(await recallClusterFacts(world)).toBeUndefined()
  })
})

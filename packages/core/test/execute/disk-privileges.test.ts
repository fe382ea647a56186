// The privileges for moves, detachments, removals and restarts, one by one: a token without one of them gets a problem in
// the plan, and a token with exactly these needs no other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Desired } from '../../src/manifest/manifest.ts'
import { makePlan, type PlanOptions } from '../../src/plan/make-plan.ts'
import { createLab, failures, type Lab, labState } from '../support/machine-lab.ts'

let lab: Lab
let tokenSecret: string
const TOKEN = 'root@pam!least'

beforeAll(async () => {
  lab = await createLab({ storages: [{ id: 'local' }, { id: 'fast' }, { id: 'nas', type: 'nfs' }] })
  const { value } = await lab.call<{ value: string }>('POST', '/access/users/root@pam/token/least', { privsep: 1 })
  tokenSecret = value
})
afterAll(() => lab.close())

interface Wanted {
  readonly disks?: string
  readonly storage?: string
  readonly node?: string
  readonly words?: string
}

function state(
  project: string,
  { disks = '[{ size: 64 MiB }]', storage = 'local', node, words = '' }: Wanted,
): Desired {
  const desired = labState(`vms: { web: { disks: ${disks}, ${node ? `node: ${node},` : ''} ${words} } }`)
  const machines = desired.machines.map((machine) => ({ ...machine, storage: { images: 'local', disks: storage } }))
  return { ...desired, project, machines }
}

/** `/vms VM.Audit`, `/storage/fast Datastore.AllocateSpace`: one privilege on one path. */
type Grant = `${string} ${string}`

/** Gives the token exactly these privileges. */
async function grant(grants: readonly Grant[]): Promise<void> {
  const byPath = Map.groupBy(grants, (one) => one.split(' ')[0] ?? '')
  for (const path of ['/vms', '/storage/local', '/storage/fast', '/storage/nas']) {
    const privs = (byPath.get(path) ?? []).map((one) => one.split(' ')[1]).join(' ')
    const roleid = `Least${path.replaceAll('/', '-')}`
    await lab.call('PUT', '/access/acl', { path, roles: roleid, tokens: TOKEN, delete: 1 }).catch(() => undefined)
    await lab.call('DELETE', `/access/roles/${roleid}`).catch(() => undefined)
    if (privs === '') continue
    await lab.call('POST', '/access/roles', { roleid, privs })
    await lab.call('PUT', '/access/acl', { path, roles: roleid, tokens: TOKEN })
  }
}

const token = () => lab.runner({ credentials: { tokenId: TOKEN, tokenSecret } })
const root = () => lab.runner()

interface Operation {
  readonly before: readonly Wanted[]
  readonly wanted: Wanted
  readonly options: PlanOptions
  readonly needs: readonly Grant[]
}

const CHANGE: readonly Grant[] = ['/vms VM.Config.Disk', '/vms VM.Config.Options']

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'the move of disks': {
    before: [{}],
    wanted: { storage: 'fast' },
    options: { move: true },
    needs: ['/vms VM.Config.Disk', '/storage/fast Datastore.AllocateSpace', '/storage/fast Datastore.Audit'],
  },
  'the detachment of a disk': { before: [{}], wanted: { disks: '[]' }, options: {}, needs: CHANGE },
  'the removal of a detached disk': {
    before: [{}, { disks: '[]' }],
    wanted: { disks: '[]' },
    options: { prune: true },
    needs: [...CHANGE, '/storage/local Datastore.AllocateSpace'],
  },
  'the migration of a machine': {
    before: [{ storage: 'nas' }],
    wanted: { storage: 'nas', node: 'pve2' },
    options: { move: true },
    needs: ['/vms VM.Migrate'],
  },
  'a restart': {
    before: [{ words: 'start: true, cores: 1' }, { words: 'start: true, cores: 2' }],
    wanted: { words: 'start: true, cores: 2' },
    options: { restart: true },
    needs: ['/vms VM.PowerMgmt'],
  },
}

describe.each(Object.entries(OPERATIONS))('%s', (what, { before, wanted, options, needs }) => {
  const project = what.replaceAll(' ', '-')
  const basic: readonly Grant[] = ['/vms VM.Audit', '/storage/local Datastore.Audit']

  it('needs these privileges, and each of them', async () => {
    for (const one of before) expect(failures(await root().apply(state(project, one)))).toEqual([])
    const desired = state(project, wanted)
    for (const lacking of needs) {
      await grant([...basic, ...needs.filter((one) => one !== lacking)])
      const { problems } = makePlan(desired, await token().observe(desired, options), options)
      const [path = '', privilege = ''] = lacking.split(' ')
      const missing = problems.find(({ code }) => code === 'PERMISSION')
      expect(missing?.message, lacking).toContain(privilege)
      expect(missing?.hint, lacking).toMatch(new RegExp(`pveum acl modify ${path}`))
    }
    await grant([...basic, ...needs])
    const ran = await token().apply(desired, options)
    expect(ran.plan.problems).toEqual([])
    expect(failures(ran)).toEqual([])
    expect(ran.summary.some((line) => line.endsWith(' done'))).toBe(true)
  })
})

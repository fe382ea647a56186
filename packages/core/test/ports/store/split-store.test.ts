// Two stores that look like one: what a recipe makes is only in the private one.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../../src/ports/clock.ts'
import { splitStore } from '../../../src/ports/store/split-store.ts'
import { createStore } from '../../../src/ports/store/store.ts'
import type { BlobKey } from '../../../src/ports/world.ts'
import { digestOf } from '../../support/image-lab.ts'

const vendor = Buffer.from('published bytes')
const digest = digestOf(vendor)
const made: BlobKey = `${digest}+raw`

async function stores() {
  const folder = await mkdtemp(join(tmpdir(), 'pve-provision-stores-'))
  const shared = createStore({ directory: join(folder, 'shared'), clock: systemClock })
  const own = createStore({ directory: join(folder, 'own'), clock: systemClock })
  const dispose = () => rm(folder, { recursive: true, force: true })
  return { shared, own, both: splitStore(shared, own), [Symbol.asyncDispose]: dispose }
}

it('does not find what another program made in the shared folder, and makes it again', async () => {
  await using all = await stores()
  const { shared, both } = all
  await shared.ensure(made, (to) => writeFile(to, 'chosen by another job'))
  expect(await both.find(made)).toBeUndefined()
  const { path } = await both.ensure(made, (to) => writeFile(to, 'made here'))
  expect(path).toContain('own')
  expect((await both.find(made))?.path).toBe(path)
})

it('shares the bytes of a vendor, which are verified by their key', async () => {
  await using all = await stores()
  const { shared, both } = all
  await both.ensure(digest, (to) => writeFile(to, vendor))
  expect(await shared.find(digest)).toBeDefined()
  expect(await both.verify(digest)).toBe(true)
  const received = await both.receive(async (to) => {
    await writeFile(to, 'x')
    return digestOf(Buffer.from('x'))
  })
  expect(await shared.find(received.key)).toBeDefined()
})

it('lists and removes from both', async () => {
  await using all = await stores()
  const { shared, own, both } = all
  await shared.ensure(made, (to) => writeFile(to, 'old'))
  await both.ensure(made, (to) => writeFile(to, 'new'))
  expect((await both.list()).map(({ key }) => key)).toEqual([made, made])
  await both.remove(made)
  expect([await shared.find(made), await own.find(made)]).toEqual([undefined, undefined])
})

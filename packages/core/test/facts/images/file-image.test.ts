import { execFileSync } from 'node:child_process'
import { readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { download } from '../../../src/execute/steps/download.ts'
import { forgetFile, pinFile, resolveFile } from '../../../src/facts/images/file-image.ts'
import type { FileImage } from '../../../src/manifest/manifest.ts'
import type { StepOf } from '../../../src/plan/step.ts'
import { digestOf, type ImageLab, imageLab, STEP } from '../../support/image-lab.ts'

async function diskIn(lab: ImageLab): Promise<FileImage> {
  lab.qemuImg('create', '-q', '-f', 'qcow2', 'own.qcow2', '8M')
  return { name: 'own', kind: 'file', path: lab.path('own.qcow2'), convert: 'auto', route: 'auto' }
}

describe('an image that is a local file', () => {
  it('is measured once, and again when it has changed', async () => {
    await using lab = await imageLab()
    const image = await diskIn(lab)
    const before = await readFile(image.path)
    const facts = await resolveFile(image, lab.world)
    expect(facts).toMatchObject({ digest: digestOf(before), digestFrom: 'file', format: 'qcow2', file: image.path })
    const recorded: string[] = []
    const journal = {
      ...lab.world.journal,
      record(key: string, value: unknown) {
        recorded.push(key)
        return lab.world.journal.record(key, value)
      },
    }
    await resolveFile(image, { ...lab.world, journal })
    expect(recorded).toEqual([])
    await writeFile(image.path, Buffer.concat([before, Buffer.from('x')]))
    expect((await resolveFile(image, { ...lab.world, journal })).digest).not.toBe(facts.digest)
    expect(recorded).toHaveLength(1)
  })

  it('is compared with the digest in the manifest or the lock file', async () => {
    await using lab = await imageLab()
    const image = await diskIn(lab)
    const locked = await pinFile(image, lab.world)
    expect(locked).toMatchObject({ url: 'file:own.qcow2', resolvedUrl: 'file:own.qcow2', format: 'qcow2' })
    const lock = { images: { own: locked } }
    expect((await resolveFile(image, lab.world, { lock })).digestFrom).toBe('lock')
    expect(await pinFile(image, lab.world, { before: locked }), 'an entry that still holds stays').toBe(locked)
    const checksum = `sha256:${'0'.repeat(64)}` as const
    await expect(resolveFile({ ...image, checksum }, lab.world)).rejects.toMatchObject({ code: 'CHECKSUM' })
    await writeFile(image.path, Buffer.concat([await readFile(image.path), Buffer.from('x')]))
    await expect(resolveFile(image, lab.world, { lock })).rejects.toMatchObject({
      code: 'CHECKSUM',
      message: expect.stringMatching(/lock file.*has changed/),
      hint: expect.stringMatching(/pin/),
    })
  })

  it('cannot be a folder, a device, a missing file or a text', async () => {
    await using lab = await imageLab()
    execFileSync('mkfifo', [lab.path('pipe')])
    const image = await diskIn(lab)
    for (const [path, wanted] of [
      [lab.folder, /DISK|not a regular file/],
      ['/dev/zero', /not a regular file/],
      [lab.path('pipe'), /not a regular file/],
      [lab.path('nowhere'), /does not exist/],
    ] as const)
      await expect(resolveFile({ ...image, path }, lab.world)).rejects.toThrow(wanted)
    await writeFile(lab.path('page'), '{"message":"Not Found"}')
    await expect(resolveFile({ ...image, path: lab.path('page') }, lab.world)).rejects.toThrow(/it is a text/)
    await symlink(image.path, lab.path('link'))
    expect((await resolveFile({ ...image, path: lab.path('link') }, lab.world)).format).toBe('qcow2')
  })

  it('is copied into the store, never linked, and a change after it was measured is detected', async () => {
    await using lab = await imageLab()
    const image = await diskIn(lab)
    const { digest } = await resolveFile(image, lab.world)
    const step: StepOf<'download'> = {
      ...STEP,
      id: 'download:own',
      kind: 'download',
      image: 'own',
      urls: [],
      digest,
      file: image.path,
    }
    const bytes = await readFile(image.path)
    const { blob, kept } = await download(step, lab.context())
    await writeFile(image.path, 'something else')
    expect((await readFile(blob?.path ?? '')).equals(bytes)).toBe(true)
    expect(kept).toBe(false)
    expect((await download(step, lab.context())).kept).toBe(true)
    await lab.world.store.remove(digest)
    await expect(download(step, lab.context())).rejects.toMatchObject({ code: 'CHECKSUM' })
    expect(await lab.world.store.list()).toEqual([])
    await rm(image.path)
    await forgetFile(image.path, lab.world)
    await expect(download(step, lab.context())).rejects.toMatchObject({ code: 'DISK' })
  })
})

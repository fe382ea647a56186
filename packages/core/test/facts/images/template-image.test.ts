import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ResourceRow } from '../../../src/facts/cluster/observe-cluster.ts'
import { resolveTemplate } from '../../../src/facts/images/template-image.ts'
import type { TemplateImage } from '../../../src/manifest/manifest.ts'
import { type ClusterLab, clusterLab } from '../../support/image-lab.ts'

const row = (vmid: number, more: Partial<ResourceRow> = {}): ResourceRow => ({
  type: 'qemu',
  vmid,
  node: 'pve1',
  name: `tpl-${vmid}`,
  tags: 'golden;debian',
  template: 1,
  ...more,
})

let lab: ClusterLab
beforeAll(async () => {
  lab = await clusterLab()
  for (const [vmid, disk] of [
    [900, 'virtio0'],
    [901, 'scsi0'],
    [902, 'scsi0'],
  ] as const) {
    const upid = await lab.world.pve.request('POST', '/nodes/pve1/qemu', { parameters: { vmid, [disk]: 'local:1' } })
    await lab.world.pve.waitForTask(String(upid))
  }
})
afterAll(() => lab[Symbol.asyncDispose]())

function resolve(template: TemplateImage['template'], rows: readonly ResourceRow[]) {
  const image: TemplateImage = { name: 'img', kind: 'template', template, convert: 'auto', route: 'auto' }
  return resolveTemplate(image, lab.world, rows)
}

describe('an image that is an existing template', () => {
  it.each([
    ['its id', { vmid: 901 }],
    ['its name', { name: 'tpl-901' }],
    ['a tag', { tag: 'debian' }],
  ])('is found by %s', async (_, template) => {
    const facts = await resolve(template, [row(901), row(902, { tags: 'other' })])
    expect(facts).toMatchObject({
      digestFrom: 'none',
      templates: [{ vmid: 901, node: 'pve1', storage: 'local', diskBytes: 1024 ** 3 }],
    })
  })

  it.each([
    ['none has the tag', { tag: 'none' }, [row(901)], /no template with the tag none/],
    ['what has the id is a machine', { vmid: 901 }, [row(901, { template: 0 })], /no template with the id 901/],
    [
      'two on a node have the tag',
      { tag: 'golden' },
      [row(901), row(902)],
      /2 templates with the tag golden are on pve1/,
    ],
    ['it boots from another disk', { vmid: 900 }, [row(900)], /has no disk scsi0/],
  ] as const)('is refused where %s', async (_, template, rows, wanted) => {
    await expect(resolve(template, rows)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(wanted),
      hint: expect.any(String),
    })
  })
})

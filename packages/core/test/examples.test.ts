import { globSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseManifest } from '../src/manifest/parse-manifest.ts'
import { manifestSchema } from '../src/manifest/schema/manifest-schema.ts'
import { makePlan } from '../src/plan/make-plan.ts'
import { changesIn } from '../src/plan/step.ts'
import { factsOf, imageFacts, storageFacts } from './support/given.ts'

const FOLDER = resolve(import.meta.dirname, '../../../examples')
const files = globSync('*.yaml', { cwd: FOLDER })

function parse(file: string) {
  const text = readFileSync(resolve(FOLDER, file), 'utf8')
  return parseManifest({ text, file: basename(file) }, { environment: { OPS_PASSWORD: 'secret' } })
}

describe('examples', () => {
  it('are there', () => expect(files.length).toBeGreaterThan(3))

  it.each(files)('%s parses, and plans on an empty cluster', (file) => {
    const { desired } = parse(file)
    const images = new Map([...desired.images.keys()].map((name, index) => [name, imageFacts(name, String(index))]))
    const facts = factsOf({ images })
    const storages = ['pve1', 'pve2'].flatMap((node) => [
      storageFacts(node, 'local'),
      storageFacts(node, 'local-lvm', { type: 'lvmthin' }),
    ])
    const plan = makePlan(desired, { ...facts, cluster: { ...facts.cluster, storages } })
    expect(plan.steps.filter(({ kind }) => kind === 'create')).toHaveLength(desired.machines.length)
    expect(plan.steps.filter(({ problem }) => problem)).toEqual([])
    expect(changesIn(plan)).toBeGreaterThan(0)
  })

  it('everything.yaml names every key of a machine', () => {
    const text = readFileSync(resolve(FOLDER, 'everything.yaml'), 'utf8')
    const machine = manifestSchema.shape.vms.valueType.shape
    expect(Object.keys(machine).filter((key) => !new RegExp(`\\b${key}:`).test(text))).toEqual([])
  })
})

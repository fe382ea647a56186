// Downloads compressed qcow2 images and converts them to raw, like a run, in a separate process.
//
// Usage: fetch-convert.js DIRECTORY along|after (URL SHA256)…
import { join } from 'node:path'
import { execute } from '../../packages/core/src/execute/execute.ts'
import { parseManifest } from '../../packages/core/src/manifest/parse-manifest.ts'
import type { Step } from '../../packages/core/src/plan/step.ts'
import { systemClock } from '../../packages/core/src/ports/clock.ts'
import { createExec } from '../../packages/core/src/ports/exec.ts'
import { createHttp } from '../../packages/core/src/ports/http/create-http.ts'
import { createQemuImg } from '../../packages/core/src/ports/image/qemu-img.ts'
import { createJournal } from '../../packages/core/src/ports/journal.ts'
import { createMeter } from '../../packages/core/src/ports/meter.ts'
import { createStore } from '../../packages/core/src/ports/store/store.ts'
import type { World } from '../../packages/core/src/ports/world.ts'

import { EMPTY_FACTS } from './empty-facts.ts'

const [directory = '', how = 'along', ...pairs] = process.argv.slice(2)
const [clock, meter, exec] = [systemClock, createMeter(), createExec()]
const limits = { perHost: 64, connectionsPerImage: 1 }
const world = {
  clock,
  meter,
  http: createHttp({ directory: join(directory, 'documents'), clock, meter, limits }),
  qemuImg: createQemuImg({ exec }),
  store: createStore({ directory, clock }),
  journal: createJournal({ path: join(directory, 'journal'), clock }),
} as unknown as World
const steps = Array.from({ length: pairs.length / 2 }, (_, index) => stepsOf(index)).flat()
const { desired } = parseManifest({ text: 'project: lab\nimages: {}\nvms: {}', file: 'm.yaml' })
const outcomes = await execute({ steps }, { desired, facts: EMPTY_FACTS, world })
for (const { step, status, error } of outcomes) {
  if (status !== 'done') throw error ?? new Error(`${step.id} is ${status}`)
}
for (const step of steps) if (step.kind === 'convert') console.log((await world.store.find(step.to))?.path)

function stepsOf(index: number): readonly Step[] {
  const [url = '', sha256 = ''] = pairs.slice(index * 2)
  const digest = `sha256:${sha256}` as const
  const common = { image: `${index}`, action: 'run', why: '' } as const
  const id = `download:${index}`
  return [
    {
      ...common,
      id,
      kind: 'download',
      urls: [new URL(url)],
      digest,
      becomesRaw: how === 'along',
      needs: [],
      lanes: ['download'],
    },
    {
      ...common,
      id: `convert:${index}`,
      kind: 'convert',
      from: digest,
      to: `${digest}+raw`,
      format: 'raw',
      needs: [id],
      lanes: ['convert'],
    },
  ]
}

// `npm run check:replay -- [--json FILE] [--differences FILE] [--page] [--recording FILE]`: compares the simulator's
// answers with those of a real server.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readExchanges, recordingPath, recordingsAbsent } from '../recordings/recordings.ts'
import { furnish, type Host, openHost } from './host.ts'
import { type Images, makeImages } from './images.ts'
import { replayRecording } from './own-recording.ts'
import { prepareFor } from './preparations.ts'
import { type Played, replay } from './replay.ts'
import { asDifferences, asPage, asTable, type Figure, figuresOf } from './report.ts'
import { type Step, toSteps } from './steps.ts'
import { createTranslation } from './translate.ts'
import { startVendor } from './vendor.ts'

/** In this range, the recorded host was one of two. */
const CLUSTER = { from: 1289, to: 1351 }

/** The hundredth request of its connection. */
const LAST_OF_CONNECTION = new Set([1251])

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    differences: { type: 'string' },
    page: { type: 'boolean' },
    /** A recording of `pve-simulator record`, instead of the project's own. */
    recording: { type: 'string' },
    /** Stops after this exchange, to work on an early part of the recording. */
    until: { type: 'string' },
  },
})

if (values.recording !== undefined) await mainOf(values.recording)
else if (recordingsAbsent === undefined) await main()
else {
  process.stdout.write(`The replay was not run: ${recordingsAbsent}.\n`)
  if (values.json !== undefined) writeJson(values.json, [])
}

async function main(): Promise<void> {
  const startedAt = performance.now()
  const played = await playAll(
    toSteps(readExchanges()).filter(({ index }) => index <= Number(values.until ?? Infinity)),
  )
  process.stdout.write(asTable(played))
  if (values.differences !== undefined) writeFileSync(values.differences, asDifferences(played))
  if (values.page) writeFileSync(fileURLToPath(new URL('../../docs/replay.md', import.meta.url)), asPage(played))
  if (values.json !== undefined) writeJson(values.json, figuresOf(played))
  process.stdout.write(`${Math.round((performance.now() - startedAt) / 1000)} s\n`)
}

async function mainOf(file: string): Promise<void> {
  const played = await replayRecording(file)
  process.stdout.write(asTable(played))
  if (values.differences !== undefined) writeFileSync(values.differences, asDifferences(played))
  if (values.json !== undefined) writeJson(values.json, figuresOf(played))
}

function writeJson(file: string, figures: readonly Figure[]): void {
  const [first] = cpus()
  const machine = { cpus: cpus().length, model: first?.model ?? '', node: process.version, platform: process.platform }
  writeFileSync(file, `${JSON.stringify({ machine, runs: 1, figures }, undefined, 2)}\n`)
}

async function playAll(steps: readonly Step[]): Promise<readonly Played[]> {
  const folder = mkdtempSync(join(tmpdir(), 'replay-'))
  const images = await makeImages(folder, readFileSync(recordingPath('traffic.jsonl'), 'utf8'))
  const vendor = await startVendor(images.files)
  const secrets = furnish(join(folder, 'data'))
  const played: Played[] = []
  try {
    for (const chapter of chaptersOf(steps)) {
      const host = await openHost(join(folder, 'data'), secrets, chapter.nodes)
      await play(chapter.steps, { host, images, vendor: vendor.address }, played)
      await host.simulator.close()
    }
  } finally {
    vendor.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return played.toSorted((one, other) => one.step.index - other.step.index)
}

function chaptersOf(steps: readonly Step[]) {
  const isClustered = ({ index }: Step) => index >= CLUSTER.from && index <= CLUSTER.to
  const isLater = ({ index }: Step) => index > CLUSTER.to
  return [
    { nodes: ['pve'], steps: steps.filter((step) => !isClustered(step) && !isLater(step)) },
    { nodes: ['pve', 'pve2'], steps: steps.filter((step) => isClustered(step) || isLater(step)) },
  ].filter((chapter) => chapter.steps.length > 0)
}

async function play(
  steps: readonly Step[],
  { host, images, vendor }: { readonly host: Host; readonly images: Images; readonly vendor: string },
  played: Played[],
): Promise<void> {
  const translation = createTranslation([
    ['127.0.0.1:8099', vendor],
    ['127.0.0.1:8006', new URL(host.simulator.endpoint).host],
    ...images.substitutes,
  ])
  const prepare = ({ index }: Step): Promise<void> => prepareFor(index, { host, images, translation })
  await replay(steps, { host, images, translation, prepare, lastOfConnection: LAST_OF_CONNECTION }, (one) => {
    played.push(one)
    process.stderr.write(one.step.skipped ? 's' : one.differences.length === 0 ? '.' : 'x')
  })
  process.stderr.write('\n')
}

// Measures how fast images are downloaded, verified and converted, each compared with the best tool for the same job.
//
// Usage: npm run bench:images [-- --quick] [--json FILE] [--runs N]
//        [--only fetch,one-each,ranges,one-image,unpack,convert,arrive,memory,again,push]
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from '../support/bundle.ts'
import { type Figure, publish } from '../support/figures.ts'
import { install, type Need } from '../support/install.ts'
import { makeImages } from '../support/make-images.ts'
import { serverVersion, startVendor } from '../support/vendor-server.ts'
import type { BenchmarkRun } from './benchmark-run.ts'
import { compareAgain } from './compare-again.ts'
import { compareArrive } from './compare-arrive.ts'
import { compareConvert } from './compare-convert.ts'
import { compareFetch } from './compare-fetch.ts'
import { compareOneEach, compareOneImage, compareRanges } from './compare-limited.ts'
import { compareMemory } from './compare-memory.ts'
import { comparePush } from './compare-push.ts'
import { compareUnpack } from './compare-unpack.ts'

const NEEDS: readonly Need[] = [
  { package: 'nginx-light', programs: ['nginx'] },
  { package: 'aria2', programs: ['aria2c'] },
  { package: 'curl', programs: ['curl'] },
  { package: 'openssl', programs: ['openssl'] },
  { package: 'qemu-utils', programs: ['qemu-img'] },
  { package: 'time', programs: ['time'] },
  { package: 'xz-utils', programs: ['xz'] },
]
const SHAPES = {
  full: { count: 6, dataMiB: 1100, virtualMiB: 3072 },
  quick: { count: 6, dataMiB: 110, virtualMiB: 512 },
}
const PARTS = {
  fetch: compareFetch,
  'one-each': compareOneEach,
  ranges: compareRanges,
  'one-image': compareOneImage,
  unpack: compareUnpack,
  memory: compareMemory,
  again: compareAgain,
  convert: compareConvert,
  arrive: compareArrive,
  push: comparePush,
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
    runs: { type: 'string' },
  },
})

const lacking = install(NEEDS)
if (lacking !== undefined) {
  console.error(lacking)
  process.exit(1)
}
const cache = join(process.cwd(), '.cache', 'benchmarks')
const work = join(cache, `work-${process.pid}`)
const images = makeImages(
  join(cache, values.quick ? 'images-quick' : 'images'),
  values.quick ? SHAPES.quick : SHAPES.full,
)
const vendor = await startVendor(join(cache, values.quick ? 'images-quick' : 'images'), 12)
const bench: BenchmarkRun = {
  images,
  vendor,
  work,
  runs: Number(values.runs ?? (values.quick ? 1 : 5)),
  isQuick: values.quick,
  clear() {
    rmSync(work, { recursive: true, force: true })
    mkdirSync(work, { recursive: true })
  },
  fetchProgram: bundle(join(import.meta.dirname, 'fetch.js')),
}
const figures: Figure[] = []
try {
  for (const [name, part] of Object.entries(PARTS)) {
    if (!values.only.split(',').includes(name)) continue
    console.error(`${name}:`)
    bench.clear()
    figures.push(...(await part(bench)))
  }
} finally {
  await vendor.stop()
  rmSync(work, { recursive: true, force: true })
}
const sizes = images.map(({ bytes }) => Math.round(bytes / 1024 ** 2)).join(', ')
publish(
  {
    runs: bench.runs,
    figures,
    notes: [
      `Server: ${serverVersion()}, one worker with sendfile, on the same machine. Images: compressed qcow2 of ${sizes} MiB.`,
      ...(values.quick
        ? ['Quick mode: small images, one run. Good to see that everything works, not to compare.']
        : []),
    ],
  },
  values.json,
)

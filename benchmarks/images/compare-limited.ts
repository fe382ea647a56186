// A server that gives each connection 12 MiB/s, as mirrors do.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Figure, figure } from '../support/figures.ts'
import { interleave, measure } from '../support/measure.ts'
import { type BenchmarkRun, curlCommand, ours, shell } from './benchmark-run.ts'

const LIMIT = 12 * 1024 * 1024

/** One connection for each image, because some servers allow no more. */
export async function compareOneEach(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const { vendor, images, runs } = bench
  const from = vendor.limitedWhole
  const idealSeconds = Math.max(...images.map(({ bytes }) => bytes)) / LIMIT
  const results = await interleave(
    { ours: () => ours(bench, { from }), curl: () => shell(curlCommand(bench, from)) },
    { runs, before: () => bench.clear() },
  )
  const name = '6 images, 12 MiB/s a connection, one each: wall'
  const values = results.ours.map(({ wallSeconds }) => wallSeconds)
  return [
    figure({
      name,
      unit: 's',
      values,
      baseline: { name: 'largest image / limit', values: Array.from({ length: runs }, () => idealSeconds) },
      target: 1.1,
    }),
    figure({
      name,
      unit: 's',
      values,
      baseline: { name: 'curl -Z --parallel-immediate', values: results.curl.map(({ wallSeconds }) => wallSeconds) },
      target: 1.05,
      note: 'ours with SHA-256 and synced, curl with neither',
    }),
  ]
}

/** Several connections for each image, from a server that supports ranges. */
export async function compareRanges(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const { vendor, runs } = bench
  const from = vendor.limited
  const results = await interleave(
    {
      'ours, up to 4': () => ours(bench, { from, connections: 4 }),
      'ours, up to 8': () => ours(bench, { from, connections: 8 }),
      'aria2c -j6 -x8 -s8': () => aria2(bench, from),
    },
    { runs, before: () => bench.clear() },
  )
  const wall = (name: keyof typeof results) => results[name].map(({ wallSeconds }) => wallSeconds)
  const peak = (name: keyof typeof results) => results[name].map(({ peakMiB }) => peakMiB)
  const baseline = { name: 'aria2c -j6 -x8 -s8, its own checksum', values: wall('aria2c -j6 -x8 -s8') }
  const six = '6 images, 12 MiB/s, up to'
  const note = 'SHA-256 on both sides'
  return [
    figure({
      name: `${six} 8 connections an image: wall`,
      unit: 's',
      values: wall('ours, up to 8'),
      baseline,
      target: 0.75,
      note,
    }),
    figure({
      name: `${six} 4 connections an image (the default): wall`,
      unit: 's',
      values: wall('ours, up to 4'),
      baseline,
      target: 0.75,
      note: `${note}; aria2c has 8`,
    }),
    figure({ name: `${six} 4 connections each: peak memory`, unit: 'MiB', values: peak('ours, up to 4'), target: 250 }),
    figure({ name: `${six} 8 connections each: peak memory`, unit: 'MiB', values: peak('ours, up to 8'), target: 250 }),
  ]
}

/** One large image. */
export async function compareOneImage(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const { vendor, runs } = bench
  const images = bench.images.toSorted((one, other) => other.bytes - one.bytes).slice(0, 1)
  const results = await interleave(
    {
      'ours, 1 connection': () => ours(bench, { from: vendor.limitedWhole, images }),
      'ours, up to 4': () => ours(bench, { from: vendor.limited, connections: 4, images }),
    },
    { runs, before: () => bench.clear() },
  )
  return [
    figure({
      name: 'one image, 12 MiB/s, up to 4 connections: wall',
      unit: 's',
      values: results['ours, up to 4'].map(({ wallSeconds }) => wallSeconds),
      baseline: {
        name: 'ours with one connection',
        values: results['ours, 1 connection'].map(({ wallSeconds }) => wallSeconds),
      },
      target: 0.333,
    }),
  ]
}

function aria2(bench: BenchmarkRun, from: string) {
  const list = join(bench.work, 'aria2.txt')
  const entries = bench.images.map(
    ({ name, sha256 }) => `${from}/${name}\n  out=${name}\n  checksum=sha-256=${sha256}\n`,
  )
  writeFileSync(list, entries.join(''))
  const options = [
    '-q',
    '--no-conf',
    '-j6',
    '-x8',
    '-s8',
    '-k1M',
    '--file-allocation=none',
    '--auto-file-renaming=false',
  ]
  return measure(['aria2c', ...options, '-d', bench.work, '-i', list])
}

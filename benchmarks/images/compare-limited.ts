// A server that gives each connection 12 MiB/s, as mirrors do.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Figure, figure } from '../support/figures.ts'
import { interleave, measure } from '../support/measure.ts'
import { type Course, ours } from './course.ts'

const LIMIT = 12 * 1024 * 1024

export async function compareLimited(course: Course): Promise<readonly Figure[]> {
  const { vendor, images, runs } = course
  const from = vendor.limited
  const largest = images.toSorted((one, other) => other.bytes - one.bytes).slice(0, 1)
  const idealSeconds = (largest[0]?.bytes ?? 0) / LIMIT
  const results = await interleave(
    {
      'six, ours, 1 connection an image': () => ours(course, { from: vendor.limitedWhole }),
      'six, ours, up to 4': () => ours(course, { from, connections: 4 }),
      'six, ours, up to 8': () => ours(course, { from, connections: 8 }),
      'six, aria2c -j6 -x8 -s8': () => aria2(course, from),
      'one, ours, 1 connection': () => ours(course, { from: vendor.limitedWhole, images: largest }),
      'one, ours, up to 4': () => ours(course, { from, connections: 4, images: largest }),
    },
    { runs, before: () => course.clear() },
  )
  const wall = (name: keyof typeof results) => results[name].map(({ wallSeconds }) => wallSeconds)
  const aria = { name: 'aria2c -j6 -x8 -s8, its own checksum', values: wall('six, aria2c -j6 -x8 -s8') }
  const note = 'SHA-256 on both sides'
  return [
    figure({
      name: '6 images, 12 MiB/s a connection, one each: wall',
      unit: 's',
      values: wall('six, ours, 1 connection an image'),
      baseline: { name: 'largest image / limit', values: Array.from({ length: runs }, () => idealSeconds) },
      target: 1.1,
    }),
    figure({
      name: '6 images, 12 MiB/s, up to 8 connections an image: wall',
      unit: 's',
      values: wall('six, ours, up to 8'),
      baseline: aria,
      target: 0.75,
      note,
    }),
    figure({
      name: '6 images, 12 MiB/s, up to 4 connections an image (the default): wall',
      unit: 's',
      values: wall('six, ours, up to 4'),
      baseline: aria,
      target: 0.75,
      note: `${note}; aria2c has 8`,
    }),
    figure({
      name: 'one image, 12 MiB/s, up to 4 connections: wall',
      unit: 's',
      values: wall('one, ours, up to 4'),
      baseline: { name: 'ours with one connection', values: wall('one, ours, 1 connection') },
      target: 0.333,
    }),
    figure({
      name: '6 images, ranges, up to 4 connections each: peak memory',
      unit: 'MiB',
      values: results['six, ours, up to 4'].map(({ peakMiB }) => peakMiB),
      target: 250,
    }),
    figure({
      name: '6 images, ranges, up to 8 connections each: peak memory',
      unit: 'MiB',
      values: results['six, ours, up to 8'].map(({ peakMiB }) => peakMiB),
      target: 250,
    }),
  ]
}

function aria2(course: Course, from: string) {
  const list = join(course.work, 'aria2.txt')
  const entries = course.images.map(
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
  return measure(['aria2c', ...options, '-d', course.work, '-i', list])
}

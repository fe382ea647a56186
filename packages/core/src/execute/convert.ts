// Store → store: unpacked and converted.
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { ProvisionError } from '../errors.ts'
import type { StepRunner } from './step-context.ts'

export const convert: StepRunner<'convert'> = async (step, { world, signal, progress }) => {
  const source = await world.store.find(step.from)
  if (!source) throw new ProvisionError('DISK', `${step.image} has vanished from the store.`)
  let made = false
  const blob = await world.store.ensure(
    step.to,
    async (path) => {
      made = true
      const unpacked = `${path}.unpacked`
      const { execa } = await import('execa')
      const head = (await execa('head', ['-c', '6', source.path], { encoding: 'buffer' })).stdout
      if (head[0] === 0xfd) await execa('sh', ['-c', 'xz -dc -T0 "$1" > "$2"', 'sh', source.path, unpacked], { cancelSignal: signal })
      else if (head[0] === 0x1f) await pipeline(createReadStream(source.path), createGunzip(), createWriteStream(unpacked), { signal })
      else if (head[0] === 0x28) await pipeline(createReadStream(source.path), createZstdDecompress(), createWriteStream(unpacked), { signal })
      const from = head[0] === 0xfd || head[0] === 0x1f || head[0] === 0x28 ? unpacked : source.path
      const { format } = await world.qemuImg.inspect(from)
      if (step.format === undefined || step.format === format) {
        if (from === unpacked) await rename(unpacked, path)
        else await pipeline(createReadStream(from), createWriteStream(path))
      } else {
        await world.qemuImg.convert({ from, fromFormat: format, to: path, toFormat: step.format, signal, onPercent: (done) => progress({ done, total: 100, unit: 'percent' }) })
      }
      await rm(unpacked, { force: true })
    },
    signal,
  )
  return { blob, kept: !made }
}

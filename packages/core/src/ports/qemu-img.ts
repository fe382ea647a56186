// The only file that knows qemu-img's flags.
import { open } from 'node:fs/promises'
import { sniff } from '../facts/sniff.ts'
import { ProvisionError } from '../errors.ts'
import type { Exec, QemuImg } from './world.ts'

export function createQemuImg({ exec }: { readonly exec: Exec }): QemuImg {
  return {
    async inspect(path) {
      const { format } = sniff(await headOf(path))
      if (format === undefined) throw new ProvisionError('IMAGE', `${path} is packed.`)
      const info = JSON.parse(await exec('qemu-img', ['info', '-f', format, '--output=json', path])) as Record<string, unknown>
      if ('backing-filename' in info) throw new ProvisionError('IMAGE', 'The image has a backing file.')
      return { format, virtualSizeBytes: Number(info['virtual-size']) }
    },
    async convert({ from, fromFormat, to, toFormat, signal, onPercent }) {
      await exec('qemu-img', ['convert', '-p', '-W', '-f', fromFormat, '-O', toFormat, from, to], {
        ...(signal && { signal }),
        onLine: (line) => {
          const percent = /\((\d+\.\d+)\/100%\)/.exec(line)?.[1]
          if (percent) onPercent?.(Number(percent))
        },
      })
    },
  }
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

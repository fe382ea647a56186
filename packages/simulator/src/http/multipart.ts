// The upload's multipart body, read with the strictness and the weaknesses of Proxmox's own reader.
import type { Writable } from 'node:stream'
import { ApiError } from '../errors.ts'

export interface UploadReader {
  /** Feeds what one read of the socket brought. Throws an ApiError for what Proxmox refuses. */
  push(chunk: Buffer): Promise<void>
  /** Throws when the body ended before the file did. */
  end(): void
  readonly fields: Readonly<Record<string, string>>
}

const newline = '\\r?\\n'
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * Fields are read in one order only: content, checksum-algorithm, checksum, then the file part named `filename`. When the
 * blank line behind the part's headers is not there yet with the file name, what follows goes into the file: so it is
 * with the real one.
 */
export function createUploadReader(boundary: string, file: Writable): UploadReader {
  const fields: Record<string, string> = {}
  const delimiter = `--${escaped(boundary)}${newline}`
  const closing = Buffer.from(`--${boundary}--`)
  let buffer: Buffer = Buffer.alloc(0)
  let phase: 'start' | 'fields' | 'file' | 'done' = 'start'

  const text = (): string => buffer.toString('latin1')

  const cut = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(text())
    if (match !== null) buffer = buffer.subarray(match.index + match[0].length)
    return match
  }

  const takeField = (name: string): void => {
    const head = `^${delimiter}Content-Disposition: (.*?); name="${escaped(name)}"`
    const match = new RegExp(`${head}(.*?)(?=${delimiter})`, 's').exec(text())
    if (match === null) return
    assertFormData(match[1] ?? '')
    fields[name] = utf8(match[2] ?? '').trim()
    buffer = buffer.subarray(match[0].length)
  }

  const takeFileHeader = (): void => {
    const match = cut(new RegExp(`^${delimiter}Content-Disposition: (.*?); name="(.*?)"; filename="([^"]+)"`, 's'))
    if (match === null) return
    assertFormData(match[1] ?? '')
    // The name that was caught reaches over several lines here, and a reason of several lines is none: a bare 400.
    if (match[2] !== 'filename') throw new ApiError(400, 'Bad Request', { bodyless: true })
    fields.filename = utf8(match[3] ?? '').trim()
    phase = 'file'
    cut(new RegExp(`^.*?${newline}${newline}`, 's'))
  }

  const takeFile = async (): Promise<void> => {
    const end = buffer.indexOf(closing)
    if (end >= 0) {
      await write(file, withoutNewline(buffer.subarray(0, end)))
      buffer = Buffer.alloc(0)
      phase = 'done'
      return
    }
    const kept = closing.length + 2
    if (buffer.length <= kept) return
    await write(file, buffer.subarray(0, buffer.length - kept))
    buffer = buffer.subarray(buffer.length - kept)
  }

  return {
    fields,
    push: async (chunk) => {
      if (phase === 'done') return
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk])
      if (phase === 'start') {
        const match = new RegExp(delimiter).exec(text())
        if (match === null) return
        buffer = buffer.subarray(match.index)
        phase = 'fields'
      }
      if (phase === 'fields') {
        for (const name of ['content', 'checksum-algorithm', 'checksum']) takeField(name)
        takeFileHeader()
      }
      if ((phase as string) === 'file') await takeFile()
    },
    end: () => {
      if (phase !== 'done') throw new ApiError(400, 'Bad Request', { bodyless: true })
    },
  }
}

function assertFormData(disposition: string): void {
  if (disposition !== 'form-data')
    throw new ApiError(400, `wrong Content-Disposition '${disposition}' in multipart, expected 'form-data'`, {
      bodyless: true,
    })
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

function withoutNewline(bytes: Buffer): Buffer {
  if (bytes.at(-1) !== 10) return bytes
  return bytes.subarray(0, bytes.at(-2) === 13 ? -2 : -1)
}

function write(file: Writable, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => file.write(bytes, (error) => (error ? reject(error) : resolve())))
}

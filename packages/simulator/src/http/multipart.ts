// Reads the multipart body of an upload, with the strictness and the weaknesses of Proxmox's own reader.
import type { Writable } from 'node:stream'
import { ApiError } from '../errors.ts'

export interface UploadReader {
  /** Processes the bytes of one socket read. Throws an ApiError for a body that Proxmox refuses. */
  push(chunk: Buffer): Promise<void>
  /** Throws if the body ended before the file. */
  end(): void
  readonly fields: Readonly<Record<string, string>>
}

const newline = '\\r?\\n'
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * Fields are accepted in one order only: content, checksum-algorithm, checksum, then the file part named `filename`. If
 * the blank line after the part's headers arrives later than the file name, the bytes in between become part of the
 * file, as in the real server.
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
    const head = `^${delimiter}.*?Content-Disposition: (.*?); name="${escaped(name)}"(?=.*?${delimiter})`
    const match = cut(new RegExp(head, 's'))
    if (match === null) return
    assertFormData(match[1] ?? '')
    cut(new RegExp(`^.*?${newline}${newline}`, 's'))
    fields[name] = utf8(cut(new RegExp(`^.*?(?=${delimiter})`, 's'))?.[0] ?? '').trim()
  }

  const takeFileHeader = (): void => {
    const match = cut(new RegExp(`^${delimiter}Content-Disposition: (.*?); name="(.*?)"; filename="([^"]+)"`, 's'))
    if (match === null) return
    assertFormData(match[1] ?? '')
    // A name that spans several parts brings line ends into the sentence, so the answer is a 400 without details.
    if (match[2] !== 'filename') throw dead(`wrong field name '${match[2]}' for file upload, expected 'filename'`, 1281)
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
    const kept = closing.length + 4
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
      if (phase !== 'done') throw uploadFailed()
    },
  }
}

const module = '/usr/share/perl5/PVE/APIServer/AnyEvent.pm'

/** Perl's errors include their location. */
const dead = (sentence: string, line: number): ApiError =>
  new ApiError(500, `${sentence} at ${module} line ${line}.`, { plain: true })

/** The body ended, or could not be read, before there was a file. */
export const uploadFailed = (): ApiError => dead('upload failed', 1317)

function assertFormData(disposition: string): void {
  if (disposition !== 'form-data')
    throw new ApiError(500, `wrong Content-Disposition '${disposition}' in multipart, expected 'form-data'`, {
      plain: true,
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

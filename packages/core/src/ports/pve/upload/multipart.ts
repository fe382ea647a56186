// The body of an upload, made by hand: pveproxy reads it by regular expressions and forgives little.
import { randomBytes } from 'node:crypto'

export interface MultipartFile {
  readonly content: string
  readonly checksum: { readonly algorithm: string; readonly hex: string }
  /** Already normalised: it stands between quotes. */
  readonly fileName: string
  readonly sizeBytes: number
}

export interface Multipart {
  readonly contentType: string
  readonly contentLength: number
  /**
   * All up to the file's first byte. Trap: it must leave in one write; where a header of the file's part is split,
   * Proxmox writes its rest into the file (AnyEvent.pm, `file_upload_multipart`).
   */
  readonly head: Buffer
  readonly tail: Buffer
}

/**
 * Fields in the only order Proxmox takes: `content`, `checksum-algorithm`, `checksum`, then the file, whose part must be
 * called `filename` and begin with its `Content-Disposition`. The boundary must not be quoted in the content type.
 */
export function makeMultipart({ content, checksum, fileName, sizeBytes }: MultipartFile): Multipart {
  const boundary = `pve-provision-${randomBytes(18).toString('hex')}`
  const field = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const head = Buffer.from(
    field('content', content) +
      field('checksum-algorithm', checksum.algorithm) +
      field('checksum', checksum.hex) +
      `--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="${fileName}"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: head.length + sizeBytes + tail.length,
    head,
    tail,
  }
}

/** A file's name as Proxmox stores it (PVE::Storage `normalize_content_filename`): no folders, `_` for what is not plain. */
export function normalizeFileName(fileName: string): string {
  return fileName.replace(/^.*[/\\]/s, '').replace(/[^a-zA-Z0-9_.-]/g, '_')
}

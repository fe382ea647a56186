// Builds the body of an upload. It is built by hand because pveproxy parses it with strict regular expressions.
import { randomBytes } from 'node:crypto'

export interface MultipartFile {
  readonly content: string
  readonly checksum: { readonly algorithm: string; readonly hex: string }
  /** Must be normalized already, because it is put between quotes. */
  readonly fileName: string
  readonly sizeBytes: number
}

export interface Multipart {
  readonly contentType: string
  readonly contentLength: number
  /**
   * Everything up to the first byte of the file. Trap: send it in one write. If a header of the file's part is split,
   * Proxmox writes the rest of the header into the file (AnyEvent.pm, `file_upload_multipart`).
   */
  readonly head: Buffer
  readonly tail: Buffer
}

/**
 * Puts the fields in the only order that Proxmox accepts: `content`, `checksum-algorithm`, `checksum`, then the file.
 * The file's part must be named `filename` and begin with its `Content-Disposition`. The boundary must not be quoted in
 * the content type.
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

/**
 * Returns the file name that Proxmox stores (PVE::Storage `normalize_content_filename`): no folders, and `_` for
 * special characters.
 */
export function normalizeFileName(fileName: string): string {
  return fileName.replace(/^.*[/\\]/s, '').replace(/[^a-zA-Z0-9_.-]/g, '_')
}

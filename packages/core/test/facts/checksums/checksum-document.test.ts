import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../../src/errors.ts'
import { findChecksum, LARGEST_DOCUMENT_BYTES } from '../../../src/facts/checksums/checksum-document.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const sha512 = (text: string) => createHash('sha512').update(text).digest('hex')
const A = sha256('a')
const B = sha256('b')
const A5 = sha512('a')

const refusal = (run: () => unknown): ProvisionError => {
  try {
    run()
  } catch (error) {
    if (error instanceof ProvisionError) return error
    throw error
  }
  throw new Error('was accepted')
}
const refused = (document: string | Uint8Array, fileName = 'x.qcow2', documentName?: string) => {
  const error = refusal(() => findChecksum(document, { fileName, ...(documentName ? { documentName } : {}) }))
  expect(error.code).toBe('CHECKSUM')
  expect(error.hint).toBeTruthy()
  return error.message
}
const found = (document: string | Uint8Array, fileName = 'x.qcow2', documentName?: string) =>
  findChecksum(document, { fileName, ...(documentName ? { documentName } : {}) })

const NAME = 'disk-1.2.qcow2'
const SHA256 = 'ab12'.repeat(16)
const PREFIXED = `sha256:${SHA256}`

describe('findChecksum: line dialects', () => {
  it('reads GNU text lines', () => {
    expect(found(`${B}  y.qcow2\n${A}  x.qcow2\n`)).toEqual({ digest: `sha256:${A}`, dialect: 'gnu' })
  })

  it('reads GNU binary lines, as Ubuntu writes them', () => {
    expect(found(`${A} *x.qcow2\n`).digest).toBe(`sha256:${A}`)
  })

  it('reads GNU lines with SHA-512, as Debian writes them', () => {
    expect(found(`${A5}  x.qcow2\n`).digest).toBe(`sha512:${A5}`)
  })

  it('reads bytes as well as text, with a byte order mark, CRLF and upper-case hex digits', () => {
    const text = `\uFEFF${B.toUpperCase()}  y.qcow2\r\n${A.toUpperCase()}  x.qcow2\r\n`
    expect(found(new TextEncoder().encode(text)).digest).toBe(`sha256:${A}`)
    expect(found(text.slice(1)).digest).toBe(`sha256:${A}`)
  })

  it('undoes the escapes of a GNU line that starts with a backslash', () => {
    expect(found(`\\${A}  a\\\\b.qcow2\n`, 'a\\b.qcow2').digest).toBe(`sha256:${A}`)
  })

  it('reads BSD lines with the size comment before them, as CentOS and Rocky write them', () => {
    const text = `# x.qcow2: 1048576 bytes\nSHA256 (x.qcow2) = ${A}\n# y.qcow2: 7 bytes\nSHA256 (y.qcow2) = ${B}\n`
    expect(found(text)).toEqual({ digest: `sha256:${A}`, sizeBytes: 1048576, dialect: 'bsd' })
  })

  it('reads BSD lines without a size, and the format of openssl', () => {
    expect(found(`SHA512 (x.qcow2) = ${A5}\n`)).toEqual({ digest: `sha512:${A5}`, dialect: 'bsd' })
    expect(found(`SHA2-256(x.qcow2)= ${A}\n`).digest).toBe(`sha256:${A}`)
  })

  it('reads a size line without a hash sign, as older Rocky wrote it', () => {
    expect(found(`x.qcow2: 12 bytes\nSHA256 (x.qcow2) = ${A}\n`).sizeBytes).toBe(12)
  })

  it('reads a bare digest, as Alpine writes it', () => {
    expect(found(`${A5}\n`)).toEqual({ digest: `sha512:${A5}`, dialect: 'bare' })
  })

  it('ignores lines of other algorithms and takes the strongest of the known ones', () => {
    const text = `MD5 (x.qcow2) = ${'0'.repeat(32)}\nSHA256 (x.qcow2) = ${A}\nSHA512 (x.qcow2) = ${A5}\nSHA1 (x.qcow2) = ${'1'.repeat(40)}\n`
    expect(found(text).digest).toBe(`sha512:${A5}`)
  })

  it('heeds section headings, so that BLAKE2 is not taken for SHA-512', () => {
    const blake = 'b'.repeat(128)
    expect(found(`# BLAKE2B HASH\n${blake}  x.qcow2\n# SHA512 HASH\n${A5}  x.qcow2\n`).digest).toBe(`sha512:${A5}`)
    expect(refused(`# BLAKE2B HASH\n${blake}  x.qcow2\n`)).toMatch(/only BLAKE2B/)
  })

  it('reports that there is only a weak digest', () => {
    expect(refused(`${'0'.repeat(32)}  x.qcow2\n`)).toMatch(/only MD5/)
  })
})

describe('findChecksum: names', () => {
  it('matches whole names only', () => {
    const text = `${B}  noble.img.zsync\n${B}  old-noble.img\n${A}  noble.img\n`
    expect(found(text, 'noble.img').digest).toBe(`sha256:${A}`)
    expect(refused(`${B}  noble.img.zsync\n`, 'noble.img')).toMatch(/does not name/)
  })

  it('suggests similar names', () => {
    const error = refusal(() =>
      findChecksum(`${A}  debian-13-generic.qcow2\n`, { fileName: 'debian-13-genericcloud.qcow2' }),
    )
    expect(error.hint).toContain('debian-13-generic.qcow2')
  })

  it('accepts the path prefixes `./` and `dir/`', () => {
    expect(found(`${A}  ./x.qcow2\n`).digest).toBe(`sha256:${A}`)
    expect(found(`${A} *amd64/x.qcow2\n`).digest).toBe(`sha256:${A}`)
  })

  it('prefers the name without a folder', () => {
    expect(found(`${B}  old/x.qcow2\n${A}  x.qcow2\n`).digest).toBe(`sha256:${A}`)
  })

  it('reads what Windows writes: UTF-16 with a byte order mark, and folders with backslashes', () => {
    const text = `\uFEFF${A} *out\\x.qcow2\r\n`
    const little = Buffer.from(text, 'utf16le')
    for (const document of [text, little, Buffer.from(little).swap16()])
      expect(findChecksum(document, { fileName: 'x.qcow2' }).digest).toBe(`sha256:${A}`)
  })

  it.each(['../x.qcow2', 'a/../../x.qcow2', '/etc/x.qcow2', '..\\x.qcow2', 'C:\\x.qcow2'])(
    'refuses a name that leaves its folder: %s',
    (name) => {
      expect(refused(`${A}  ${name}\n`)).toMatch(/outside its own folder/)
      expect(refused(`${A}  ${name}\n`, 'x.qcow2', 'x.qcow2.sha256')).toMatch(/outside its own folder/)
    },
  )

  it('accepts equal lines for one name and refuses different ones', () => {
    expect(found(`${A}  x.qcow2\n${A.toUpperCase()} *x.qcow2\n`).digest).toBe(`sha256:${A}`)
    expect(refused(`${A}  x.qcow2\n${B}  x.qcow2\n`)).toMatch(/several different digests/)
    expect(refused(`${A}\n${B}\n`)).toMatch(/several different digests/)
  })

  it('refuses different sizes for one name', () => {
    expect(refused(`# x.qcow2: 1 bytes\n# x.qcow2: 2 bytes\nSHA256 (x.qcow2) = ${A}\n`)).toMatch(/different sizes/)
  })

  it('accepts a per-file document that names the build, as openSUSE does', () => {
    const text = `${A}  Leap-16.0-Build2.7.qcow2\n`
    expect(found(text, 'Leap-16.0.qcow2', 'Leap-16.0.qcow2.sha256')).toEqual({
      digest: `sha256:${A}`,
      dialect: 'gnu',
    })
  })

  it('refuses another name in a document for all files', () => {
    expect(refused(`${A}  Leap-16.0-Build2.7.qcow2\n`, 'Leap-16.0.qcow2', 'SHA256SUMS')).toMatch(/does not name/)
    expect(refused(`${A}  Leap-16.0-Build2.7.raw.xz\n`, 'Leap-16.0.qcow2', 'Leap-16.0.qcow2.sha256')).toMatch(
      /does not name/,
    )
  })

  it('resolves an alias to the dated name with the equal digest, as AlmaLinux lists both', () => {
    const text = `${A}  Alma-9-latest.x86_64.qcow2\n${B}  Alma-9-20260101.x86_64.qcow2\n${A}  Alma-9-20260601.x86_64.qcow2\n`
    expect(found(text, 'Alma-9-latest.x86_64.qcow2').datedName).toBe('Alma-9-20260601.x86_64.qcow2')
    expect(found(text, 'Alma-9-20260601.x86_64.qcow2').datedName).toBeUndefined()
  })
})

describe('findChecksum: wrappers', () => {
  const wrapped = (body: string) =>
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${body}\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n`

  it('reads inside a clearsigned wrapper and undoes dash escapes, as Fedora needs', () => {
    expect(found(wrapped(`# Fedora\nSHA256 (x.qcow2) = ${A}`)).digest).toBe(`sha256:${A}`)
    expect(found(wrapped(`- -${'x'}\nSHA256 (x.qcow2) = ${A}`)).digest).toBe(`sha256:${A}`)
    expect(found(wrapped(`- ${A}  x.qcow2`)).digest).toBe(`sha256:${A}`)
  })

  it('ignores text outside the wrapper', () => {
    expect(refused(`SHA256 (x.qcow2) = ${A}\n${wrapped(`SHA256 (y.qcow2) = ${B}`)}`)).toMatch(/does not name/)
  })

  it('refuses a truncated wrapper', () => {
    expect(refused(`-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSHA256 (x.qcow2) = ${A}\n`)).toMatch(
      /truncated/,
    )
  })
})

describe('findChecksum: JSON', () => {
  const debian = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { kind: 'Build', data: { info: { arch: 'amd64' } }, metadata: {} },
      {
        kind: 'Upload',
        data: { provider: 'cloud.debian.org', ref: 'trixie/20260914-2601/debian-13-generic-amd64-20260914-2601.qcow2' },
        metadata: {
          annotations: {
            'cloud.debian.org/digest': `sha512:${Buffer.from(A5, 'hex').toString('base64').replace(/=+$/, '')}`,
          },
          labels: { 'cloud.debian.org/version': '20260914-2601' },
        },
      },
    ],
  })

  it("reads Debian's base64 digests under the dated name and the alias of `latest`", () => {
    const alias = found(debian, 'debian-13-generic-amd64.qcow2')
    expect(alias).toEqual({
      digest: `sha512:${A5}`,
      datedPath: 'trixie/20260914-2601/debian-13-generic-amd64-20260914-2601.qcow2',
      dialect: 'json',
    })
    expect(found(debian, 'debian-13-generic-amd64-20260914-2601.qcow2').digest).toBe(`sha512:${A5}`)
    expect(refused(debian, 'debian-13-genericcloud-amd64.qcow2')).toMatch(/does not name/)
  })

  it('reads a CoreOS stream with the digest after decompression', () => {
    const stream = JSON.stringify({
      architectures: {
        x86_64: {
          artifacts: {
            proxmoxve: {
              formats: {
                'qcow2.xz': {
                  disk: {
                    location: 'https://builds.example/prod/fcos-43.qcow2.xz',
                    sha256: A,
                    'uncompressed-sha256': B,
                  },
                },
              },
            },
          },
        },
      },
    })
    expect(found(stream, 'fcos-43.qcow2.xz')).toEqual({
      digest: `sha256:${A}`,
      decompressedDigest: `sha256:${B}`,
      dialect: 'json',
    })
  })

  it('reads simplestreams, with the size', () => {
    const index = JSON.stringify({
      products: {
        noble: {
          versions: { 20260101: { items: { 'disk1.img': { path: 'server/noble/x.img', sha256: A, size: 5 } } } },
        },
      },
    })
    expect(found(index, 'x.img')).toEqual({ digest: `sha256:${A}`, sizeBytes: 5, dialect: 'json' })
  })

  it.each([
    ['an asset of a GitHub release', { assets: [{ url: 'https://api.github.com/1', name: NAME, digest: PREFIXED }] }],
    [
      'only the address of the file',
      { assets: [{ id: 1, browser_download_url: `https://x/${NAME}`, digest: PREFIXED }] },
    ],
    ['hashes one level down', { files: [{ fileName: NAME, hashes: { sha256: SHA256, md5: '0'.repeat(32) } }] }],
    ['names as keys', { images: { [NAME]: { sha256sum: SHA256.toUpperCase() } } }],
    ['names and digests alone', { [NAME]: SHA256 }],
    ['an algorithm beside its checksum', { path: NAME, checksum_type: 'sha256', checksum: SHA256 }],
  ])('reads JSON with %s', (_, document) => {
    const other = { name: 'other.qcow2', digest: `sha256:${'0'.repeat(64)}` }
    const text = JSON.stringify([other, document])
    expect(findChecksum(text, { fileName: NAME }).digest).toBe(PREFIXED)
  })

  it.each([
    `sha256:${SHA256}  ${NAME}`,
    `SHA256:${SHA256} *${NAME}`,
    `sha-256=${SHA256} ./${NAME}`,
    `${NAME}: ${SHA256}`,
    `${NAME}: sha256:${SHA256}`,
    `"${NAME}" = "${SHA256}"`,
    `${NAME} ${SHA256}`,
    `SHA2-256(${NAME})= ${SHA256}`,
    `SHA256          ${SHA256.toUpperCase()}       C:\\images\\${NAME}`,
    `SHA256 hash of ${NAME}:\r\n${SHA256}\r\nCertUtil: -hashfile command completed successfully.`,
    `${NAME}: ${SHA256.toUpperCase()
      .replace(/(.{8})/g, '$1 ')
      .trim()}`,
    `${NAME}:\n  ${SHA256.toUpperCase()
      .replace(/(.{32})/g, (row) => `${row.replace(/(.{4})/g, '$1 ')}\n  `)
      .trim()}`,
    `| ${NAME} | \`${SHA256}\` |`,
    `${NAME},${SHA256},1234`,
    `sha256:${SHA256}`,
    `sha256 = ${SHA256}`,
    `SHA256: ${SHA256}`,
  ])('reads what tools and people write: %s', (line) => {
    expect(findChecksum(`# a comment\n${line}\n`, { fileName: NAME }).digest).toBe(PREFIXED)
  })

  it('never takes the digest of one line for the name of another', () => {
    const text = `${NAME}\n${SHA256}  other.qcow2\n`
    expect(() => findChecksum(text, { fileName: NAME })).toThrow(/does not name/)
    expect(() => findChecksum(`x${NAME}: ${SHA256}`, { fileName: NAME })).toThrow(/does not name/)
  })

  it('refuses broken JSON, and survives deep nesting', () => {
    expect(refused('{"a": ')).toMatch(/not valid JSON/)
    expect(refused(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toMatch(/no line|does not name/)
  })
})

describe('findChecksum: what is no checksum document', () => {
  it('refuses 100 MiB at once', () => {
    expect(refused(new Uint8Array(100 * 1024 * 1024))).toMatch(/100 MiB/)
    expect(refused(' '.repeat(LARGEST_DOCUMENT_BYTES + 1))).toMatch(/MiB/)
  })

  it('refuses bytes that are not text', () => {
    expect(refused(new Uint8Array([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]))).toMatch(/binary/)
    expect(refused('abc\0def')).toMatch(/binary/)
  })

  it('refuses a web page', () => {
    expect(refused('<!DOCTYPE html>\n<html><body>404</body></html>')).toMatch(/web page/)
    expect(refused('\n  <html>')).toMatch(/web page/)
    expect(refused('<?xml version="1.0"?><Error>NoSuchKey</Error>')).toMatch(/web page/)
  })

  it('refuses an empty document and one without digests', () => {
    expect(refused('')).toMatch(/no line/)
    expect(refused('hello\nworld\n')).toMatch(/no line/)
  })

  it('is not slowed down by hostile lines', () => {
    const lines = `${'a '.repeat(2000)}\n`.repeat(1000)
    expect(refused(lines)).toMatch(/no line/)
    expect(refused(`${'SHA256 ('.repeat(500)}\n`.repeat(1000))).toMatch(/no line/)
  })
})

describe('findChecksum: any document', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,40}$/)
  const digest = fc.stringMatching(/^[0-9a-f]{64}$/)
  const file = fc.record({ name, digest })
  const dialects: Readonly<Record<string, (entry: { name: string; digest: string }) => string>> = {
    'GNU text': (entry) => `${entry.digest}  ${entry.name}`,
    'GNU binary': (entry) => `${entry.digest.toUpperCase()} *./${entry.name}`,
    BSD: (entry) => `# ${entry.name}: 12 bytes\r\nSHA256 (${entry.name}) = ${entry.digest}\r`,
  }

  it.each(Object.keys(dialects))('finds each file of a document in %s, and only it', (dialect) => {
    const line = dialects[dialect] ?? String
    fc.assert(
      fc.property(fc.uniqueArray(file, { minLength: 1, maxLength: 12, selector: (entry) => entry.name }), (entries) => {
        const document = entries.map(line).join('\n')
        for (const entry of entries) expect(found(document, entry.name).digest).toBe(`sha256:${entry.digest}`)
        expect(refused(document, `${entries[0]?.name}~`)).toMatch(/does not name/)
      }),
    )
  })

  it('returns a digest or an error for any text, and never crashes', () => {
    const piece = fc.oneof(
      fc.string(),
      digest,
      name,
      fc.constantFrom(
        '  x.qcow2',
        ' *',
        '\n',
        'SHA256 (',
        ') = ',
        '{',
        '"',
        '../',
        '-----BEGIN PGP SIGNED MESSAGE-----\n',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          expect(found(pieces.join('')).digest).toMatch(/^sha(256|512):/)
        } catch (error) {
          if (!(error instanceof ProvisionError)) throw error
          expect(error.code).toBe('CHECKSUM')
        }
      }),
      { numRuns: 500 },
    )
  })
})

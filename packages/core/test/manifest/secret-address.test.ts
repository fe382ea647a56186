import { describe, expect, it } from 'vitest'
import { resolveImage } from '../../src/facts/images/observe-images.ts'
import { formatLockFile, type LockedImage } from '../../src/manifest/lock-file.ts'
import type { AddressImage } from '../../src/manifest/manifest.ts'
import { parseManifest } from '../../src/manifest/parse-manifest.ts'
import { holdsSecret, withoutSecrets, withSecretsOf } from '../../src/manifest/secret-address.ts'

describe('an address', () => {
  it.each([
    ['https://u:p%40ss@v.example/a.qcow2', 'https://***@v.example/a.qcow2'],
    ['https://u@v.example/a', 'https://***@v.example/a'],
    [
      'https://v.example/a?X-Amz-Signature=abc&X-Amz-Date=1&file=a',
      'https://v.example/a?X-Amz-Signature=***&X-Amz-Date=1&file=a',
    ],
    ['https://v.example/a?t=hunter2%2F', 'https://v.example/a?t=***'],
    ['https://v.example/get.php?file=a%2Fb&x=%20', 'https://v.example/get.php?file=a%2Fb&x=%20'],
    ['https://v.example/a', 'https://v.example/a'],
    ...[
      'api_key',
      'apikey',
      'auth',
      'access_token',
      'pwd',
      'password',
      'jwt',
      'sas',
      'sig',
      'AWSAccessKeyId',
      'Policy',
    ].map((name): [string, string] => [`https://v.example/a?${name}=hunter99`, `https://v.example/a?${name}=***`]),
    ...['file', 'arch', 'version', 'format', 'build'].map((name): [string, string] => [
      `https://v.example/a?${name}=x`,
      `https://v.example/a?${name}=x`,
    ]),
  ])('%s is stored without its secrets, and completed where they are known', (href, written) => {
    const url = new URL(href)
    expect(withoutSecrets(url, ['hunter2/'])).toBe(written)
    expect(holdsSecret(url, ['hunter2/'])).toBe(written !== href)
    expect(withSecretsOf(written, url, ['hunter2/']).href).toBe(url.href)
  })

  it('of another build gets the secrets of the manifest, one of another server does not', () => {
    const url = new URL('https://u:p@v.example/latest/a?token=x')
    expect(withSecretsOf('https://***@v.example/20260101/a?token=***', url).href).toBe(
      'https://u:p@v.example/20260101/a?token=x',
    )
    expect(withSecretsOf('https://***@other.example/a?token=***', url).href).toBe(
      'https://***@other.example/a?token=***',
    )
  })
})

describe('an image whose address holds secrets', () => {
  const URLS = 'https://u:${secret:TOKEN}@v.example/a.qcow2?t=${secret:TOKEN}'
  const read = (more = '') => {
    const text = `project: lab\nimages: { img: { url: "${URLS}", checksum: "sha256:${'a'.repeat(64)}"${more} } }\nvms: {}\n`
    const { desired, secrets } = parseManifest({ text, file: 'm.yaml' }, { environment: { TOKEN: 'a b/c' } })
    const image = desired.images.get('img')
    if (image?.kind !== 'address') throw new Error('no image')
    return { image, secrets, desired }
  }

  it('is pinned without them, and found again with them', async () => {
    const { image, secrets, desired } = read()
    const world = { clock: { now: () => 0 }, meter: { add: () => {} }, store: { read: async () => undefined } } as never
    const before = { images: { img: lockedImage(image) } }
    const { url } = await resolveImage(image, world, { lock: before })
    expect(url.href).toBe(image.url.href)
    const lock = formatLockFile(before)
    for (const secret of [...secrets, 'a%20b']) expect(lock).not.toContain(secret)
    expect(secrets).toContain('a b/c')
    expect(desired.images.size).toBe(1)
  })

  it('is not downloaded by Proxmox, which would log its address', () => {
    expect(() => read(', route: pull')).toThrow(/`images\.img\.route` cannot be pull/)
  })
})

function lockedImage(image: AddressImage): LockedImage {
  const url = withoutSecrets(image.url, image.secrets)
  const digest = `sha256:${'a'.repeat(64)}` as const
  return { url, resolvedUrl: url, digest, signature: 'not asked for', pinnedAt: '2026-01-01T00:00:00.000Z' }
}

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { holdsPublicKeys, readPublicKeys } from '../../src/manifest/public-key.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC'

const folder = mkdtempSync(join(tmpdir(), 'keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Returns a key from ssh-keygen. */
function made(type: string, ...options: readonly string[]): string {
  const file = join(folder, [type, ...options].join('-'))
  if (!existsSync(file))
    execFileSync('ssh-keygen', ['-q', '-t', type, ...options, '-N', '', '-C', 'me@desk', '-f', file])
  return readFileSync(`${file}.pub`, 'utf8')
}

const hasKeygen = (() => {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
  return true
})()

describe.skipIf(!hasKeygen)('a key that ssh-keygen makes (needs ssh-keygen)', () => {
  it.each([['ed25519'], ['rsa', '-b', '2048'], ['ecdsa', '-b', '256'], ['ecdsa', '-b', '384'], ['ecdsa', '-b', '521']])(
    'is one: %s %s %s',
    (type, ...options) => {
      const key = made(type, ...options)
      expect(readPublicKeys(key)).toEqual({ keys: [key.trim()], dropped: [] })
      const [name = '', body = ''] = key.split(' ')
      for (const cut of [4, 20, 40]) expect(holdsPublicKeys(`${name} ${body.slice(0, body.length - cut)}`)).toBe(false)
    },
  )

  it('is one as a certificate', () => {
    made('ed25519')
    made('rsa', '-b', '2048')
    const [authority, key] = [join(folder, 'rsa--b-2048'), join(folder, 'ed25519')]
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'id', '-n', 'ops', `${key}.pub`])
    expect(holdsPublicKeys(readFileSync(`${key}-cert.pub`, 'utf8'))).toBe(true)
  })
})

describe('lines of authorized_keys', () => {
  it.each([
    KEY,
    `  ${KEY}  two words`,
    `no-pty ${KEY}`,
    `from="10.0.0.0/8,fd00::/8",command="echo \\"a b\\"" ${KEY} jump`,
    `cert-authority,principals="a,b" ${KEY}`,
    `environment="A=b c" ${KEY}`,
  ])('%j is a key, with its options', (line) => {
    expect(readPublicKeys(line).keys).toEqual([line.trim()])
  })

  it.each([
    ['nonsense', 'is not an SSH public key'],
    [KEY.replace('ssh-ed25519', 'ssh-rsa'), 'has the type ssh-rsa, but its key is of type ssh-ed25519'],
    [KEY.slice(0, -4), 'is truncated'],
    ['ssh-ed25519', 'has a type but no key'],
    ['ssh-ed25519 AAAA ops', 'is truncated, or not base64'],
    ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ops', 'is truncated'],
    ['ssh-ed25519 ßß ops', 'is truncated, or not base64'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----', 'begins a private key, which must stay secret'],
    ['PuTTY-User-Key-File-3: ssh-ed25519', 'begins a private key, which must stay secret'],
    ['---- BEGIN SSH2 PUBLIC KEY ----', 'has another format: `ssh-keygen -i -f FILE` converts it'],
    ['-----BEGIN PUBLIC KEY-----', '`ssh-keygen -i -m PKCS8 -f FILE` converts it'],
    ['-----BEGIN RSA PUBLIC KEY-----', '`ssh-keygen -i -m PEM -f FILE` converts it'],
    [`host.example,10.0.0.5 ${KEY}`, 'begins with `host.example,10.0.0.5`, which is not an option of a key'],
    [`|1|aGFzaA==|aGFzaA== ${KEY}`, 'which is not an option of a key'],
    [`command="no end ${KEY}`, 'is not an SSH public key'],
  ])('%j is not a key: it %s', (line, reason) => {
    expect(readPublicKeys(`\n# mine\n${line}\n`).dropped).toEqual([
      { line: 3, reason: expect.stringContaining(reason) },
    ])
  })
})

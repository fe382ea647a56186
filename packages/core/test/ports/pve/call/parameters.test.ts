import { describe, expect, it } from 'vitest'
import { maskSecrets } from '../../../../src/mask.ts'
import { encodeParameters, redactUrls, secretValues } from '../../../../src/ports/pve/call/parameters.ts'

describe('parameters', () => {
  it('of each kind are encoded as Proxmox reads them', () => {
    expect(
      encodeParameters({ a: true, b: false, c: 1, d: 'x y&z=ü', e: ['p', 'q'], f: null, g: undefined, net31: '' }),
    ).toBe('a=1&b=0&c=1&d=x+y%26z%3D%C3%BC&e=p&e=q&net31=')
  })

  it('that are percent-encoded are encoded twice on the wire, as sshkeys requires', () => {
    expect(encodeParameters({ sshkeys: encodeURIComponent('ssh-ed25519 AA+ a') })).toBe(
      'sshkeys=ssh-ed25519%2520AA%252B%2520a',
    )
  })

  it('that a form cannot represent are refused', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, {}, () => 1]) {
      expect(() => encodeParameters({ a: value })).toThrow(expect.objectContaining({ code: 'UNEXPECTED' }))
    }
  })

  it('with secrets have them masked in a text, encoded or not', () => {
    const secrets = secretValues({ cipassword: 'p ss', name: 'web' })
    expect(maskSecrets("bad 'p ss' or p%20ss for web", secrets)).toBe("bad '***' or *** for web")
  })
})

describe('an address in a text', () => {
  it.each([
    ['downloading https://ann:pw@mirror.example/a.img to /x', 'downloading https://***@mirror.example/a.img to /x'],
    ["500 'https://s3.example/a?X-Amz-Signature=abc' failed", "500 'https://s3.example/a?***' failed"],
    ['https://mirror.example/a.img', 'https://mirror.example/a.img'],
    ['UPID:pve:0:root@pam!ci: what?', 'UPID:pve:0:root@pam!ci: what?'],
  ])('is shown without secrets: %s', (text, clean) => {
    expect(redactUrls(text)).toBe(clean)
  })
})

import { describe, expect, it } from 'vitest'
import { checkToken, tokenHeader } from '../../../../src/ports/pve/call/token.ts'

const SECRET = '3f2a9c0d-1e4b-5a67-8b9c-0d1e2f3a4b5c'
const errorOf = (tokenId: string, tokenSecret = SECRET) => {
  try {
    checkToken({ tokenId, tokenSecret })
    return undefined
  } catch (thrown) {
    return thrown
  }
}

describe('the id of a token', () => {
  it.each([
    'root@pam!ci',
    'first.last@corp.example@oidc!ci',
    'DOM\\jane@pve!ci-2',
    'a!b@pve!ci',
    'a=b@my_realm.x!C_i.2',
    'jürgen@ldap!ci',
  ])('%s is accepted, as in Proxmox', (tokenId) => {
    expect(errorOf(tokenId)).toBeUndefined()
  })

  it.each([
    ['root@pam', 'It has a user but no token name: set PVE_TOKEN_ID=user@realm!name'],
    [`root@pam!ci=${SECRET}`, 'It also contains the secret: put the part after the last `=` into PVE_TOKEN_SECRET.'],
    [`PVEAPIToken=root@pam!ci=${SECRET}`, 'Remove `PVEAPIToken=`: set PVE_TOKEN_ID=user@realm!name'],
    ['PVEAPIToken=root@pam!ci', 'Remove `PVEAPIToken=`: set PVE_TOKEN_ID=user@realm!name'],
    ['root!ci', 'Set PVE_TOKEN_ID=user@realm!name'],
    ['ro ot@pam!ci', 'Set PVE_TOKEN_ID=user@realm!name'],
    ['root@pam!1', 'Set PVE_TOKEN_ID=user@realm!name'],
    ['', 'Set PVE_TOKEN_ID=user@realm!name'],
  ])('%j is refused, without showing a secret in it', (tokenId, hint) => {
    expect(errorOf(tokenId)).toMatchObject({ code: 'AUTHENTICATION', hint })
    expect(String(errorOf(tokenId))).not.toContain('1e4b')
  })
})

it.each([
  ['', 'is empty'],
  ['a b', 'contains spaces or line breaks'],
  [`'${SECRET}'`, 'has quotes around it'],
  [`"${SECRET}"`, 'has quotes around it'],
  [`root@pam!ci=${SECRET}`, 'has the ID of the token in front of it'],
  [`PVEAPIToken=root@pam!ci=${SECRET}`, 'has the ID of the token in front of it'],
  ['ä', 'contains characters that a secret cannot have'],
])('the secret %j is reported', (secret, clause) => {
  expect(String(errorOf('root@pam!ci', secret))).toContain(`The secret of the API token ${clause}.`)
  expect(String(errorOf('root@pam!ci', secret))).not.toContain('1e4b')
})

it('goes into the header as bytes', () => {
  const header = tokenHeader({ tokenId: 'jürgen@ldap!ci', tokenSecret: 'x' })
  expect(Buffer.from(header, 'latin1').toString()).toBe('PVEAPIToken=jürgen@ldap!ci=x')
})

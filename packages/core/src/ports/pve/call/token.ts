// API tokens as Proxmox takes them, and what people paste in their place.
import { ProvisionError } from '../../../errors.ts'

/**
 * A user (`[^\s:/]+`, so also with `@`, `!` and `=`), a realm and a token's name (pve-access-control `Auth/Plugin.pm`,
 * `AccessControl.pm`): the realm is what follows the last `@` before the last `!`.
 */
const TOKEN_ID = /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+$/

/** @throws ProvisionError `AUTHENTICATION` when these can be no token; no secret is in it */
export function checkToken({ tokenId, tokenSecret }: { readonly tokenId: string; readonly tokenSecret: string }): void {
  if (!TOKEN_ID.test(tokenId)) throw wrongId(tokenId)
  if (/^[\x21-\x7e]+$/.test(tokenSecret)) return
  throw new ProvisionError('AUTHENTICATION', `The secret of the API token ${secretFault(tokenSecret)}.`, {
    hint: 'Set PVE_TOKEN_SECRET to the UUID that Proxmox showed when the token was made.',
  })
}

function wrongId(tokenId: string): ProvisionError {
  const [shown = ''] = tokenId.split('=')
  const isWhole = shown === tokenId
  return new ProvisionError(
    'AUTHENTICATION',
    `${JSON.stringify(isWhole ? tokenId : `${shown}=…`)} is not the id of an API token.`,
    { hint: idHint(tokenId) },
  )
}

function idHint(tokenId: string): string {
  if (tokenId.startsWith('PVEAPIToken=')) return 'Leave out `PVEAPIToken=`: set PVE_TOKEN_ID=user@realm!name'
  if (/![^=]*=./.test(tokenId))
    return 'It holds the secret as well: what stands behind the last `=` belongs into PVE_TOKEN_SECRET.'
  if (/^[^!]+@[^!]+$/.test(tokenId)) return 'It is a user without the name of a token: set PVE_TOKEN_ID=user@realm!name'
  return 'Set PVE_TOKEN_ID=user@realm!name'
}

function secretFault(secret: string): string {
  if (secret === '') return 'is empty'
  return /\s/.test(secret) ? 'has blanks or line breaks in it' : 'has characters that no secret has'
}

/** A header holds bytes: a user's name may hold letters beyond ASCII. */
export function tokenHeader({
  tokenId,
  tokenSecret,
}: {
  readonly tokenId: string
  readonly tokenSecret: string
}): string {
  return Buffer.from(`PVEAPIToken=${tokenId}=${tokenSecret}`).toString('latin1')
}

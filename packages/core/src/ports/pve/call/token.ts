// Checks API tokens, and recognizes what users paste by mistake.
import { ProvisionError } from '../../../errors.ts'

/**
 * User (`[^\s:/]+`, so it may contain `@`, `!` and `=`), realm and token name (pve-access-control `Auth/Plugin.pm`,
 * `AccessControl.pm`). The realm follows the last `@` before the last `!`.
 */
const TOKEN_ID = /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+$/

/**
 * Checks the format of a token. @throws ProvisionError `AUTHENTICATION` if it is malformed; the error contains no
 * secret
 */
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

/** Creates the header of a token. A header contains bytes, and a user name may contain non-ASCII letters. */
export function tokenHeader({
  tokenId,
  tokenSecret,
}: {
  readonly tokenId: string
  readonly tokenSecret: string
}): string {
  return Buffer.from(`PVEAPIToken=${tokenId}=${tokenSecret}`).toString('latin1')
}

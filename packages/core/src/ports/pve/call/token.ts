// Checks API tokens, and recognizes what users paste by mistake.
import { ProvisionError } from '../../../errors.ts'

/**
 * User (`[^\s:/]+`, so it may contain `@`, `!` and `=`), realm and token name (pve-access-control `Auth/Plugin.pm`,
 * `AccessControl.pm`). The realm follows the last `@` before the last `!`.
 */
const TOKEN_ID = /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+$/

const HEADER_PREFIX = 'PVEAPIToken='

/**
 * Checks the format of a token. @throws ProvisionError `AUTHENTICATION` if it is malformed; the error contains no
 * secret
 */
export function checkToken({ tokenId, tokenSecret }: { readonly tokenId: string; readonly tokenSecret: string }): void {
  // A user may be called almost anything, so the prefix of the header alone would pass as a part of the name.
  if (tokenId.startsWith(HEADER_PREFIX) || !TOKEN_ID.test(tokenId)) throw wrongId(tokenId)
  const fault = secretFault(tokenSecret)
  if (fault === undefined) return
  throw new ProvisionError('AUTHENTICATION', `The secret of the API token ${fault}.`, {
    hint: 'Set PVE_TOKEN_SECRET to the UUID that Proxmox showed when the token was created.',
  })
}

function wrongId(tokenId: string): ProvisionError {
  const [shown = ''] = tokenId.split('=')
  const isWhole = shown === tokenId
  return new ProvisionError(
    'AUTHENTICATION',
    `${JSON.stringify(isWhole ? tokenId : `${shown}=…`)} is not the ID of an API token.`,
    { hint: idHint(tokenId) },
  )
}

function idHint(tokenId: string): string {
  if (tokenId.startsWith(HEADER_PREFIX)) return 'Remove `PVEAPIToken=`: set PVE_TOKEN_ID=user@realm!name'
  if (/![^=]*=./.test(tokenId))
    return 'It also contains the secret: put the part after the last `=` into PVE_TOKEN_SECRET.'
  if (/^[^!]+@[^!]+$/.test(tokenId)) return 'It has a user but no token name: set PVE_TOKEN_ID=user@realm!name'
  return 'Set PVE_TOKEN_ID=user@realm!name'
}

/** Returns what is wrong with a secret, as a clause that shows nothing of it. */
function secretFault(secret: string): string | undefined {
  if (secret === '') return 'is empty'
  if (/\s/.test(secret)) return 'contains spaces or line breaks'
  if (/^(["'`]).*\1$/.test(secret)) return 'has quotes around it'
  if (/![^=]*=./.test(secret)) return 'has the ID of the token in front of it'
  return /^[\x21-\x7e]+$/.test(secret) ? undefined : 'contains characters that a secret cannot have'
}

/** Creates the header of a token. A header contains bytes, and a user name may contain non-ASCII letters. */
export function tokenHeader({
  tokenId,
  tokenSecret,
}: {
  readonly tokenId: string
  readonly tokenSecret: string
}): string {
  return Buffer.from(`${HEADER_PREFIX}${tokenId}=${tokenSecret}`).toString('latin1')
}

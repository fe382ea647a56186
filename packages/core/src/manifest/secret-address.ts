// Removes secrets from addresses, for lock files and logs, and restores them for use.

const HIDDEN = '***'
/** Query parameters of signed links, in addition to the values that the manifest marks as secret. */
const SECRET_PARAMETER =
  /sign|^sig$|^sas$|^st$|hmac|^md5$|token|secret|pass|^pwd$|credential|auth|jwt|policy|hdne|hdnts|(api|access|private|account)[-_]?key|^key$|session/i

/**
 * Returns true if an address contains a user, a password or a secret in its query. @param secrets values that the
 * manifest marks as secret
 */
export function holdsSecret(url: URL, secrets: readonly string[] = []): boolean {
  return withoutSecrets(url, secrets) !== url.href
}

/** Returns the address with `***` in place of each secret. The result is stable, so it can be compared. */
export function withoutSecrets({ href }: URL, secrets: readonly string[] = []): string {
  const url = new URL(href)
  if (url.username !== '' || url.password !== '') {
    url.username = HIDDEN
    url.password = ''
  }
  for (const [name, value] of Array.from(url.searchParams))
    if (SECRET_PARAMETER.test(name) || secrets.some((secret) => value.includes(secret)))
      url.searchParams.set(name, HIDDEN)
  return url.href
}

/** Restores the secrets of an address from the one in the manifest, if both are on the same server. */
export function withSecretsOf(written: string, known: URL, secrets: readonly string[] = []): URL {
  // Return the original: a query that is parsed and formatted again may be spelled differently, which breaks a
  // signature.
  if (withoutSecrets(known, secrets) === written) return known
  const url = new URL(written)
  if (url.origin !== known.origin) return url
  if (url.username === HIDDEN) {
    url.username = known.username
    url.password = known.password
  }
  for (const [name, value] of Array.from(url.searchParams))
    if (value === HIDDEN) url.searchParams.set(name, known.searchParams.get(name) ?? HIDDEN)
  return url
}

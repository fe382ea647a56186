// Addresses without what is secret in them, for files that are committed and logs; and whole again, to be used.

const HIDDEN = '***'
/** Parameters of signed links, whatever the manifest calls them. */
const SECRET_PARAMETER = /signature|^sig$|token|secret|passw|credential|api-?key|^key$/i

/** Whether an address holds a user, a password or a secret in its query. @param secrets values that the manifest names as such */
export function holdsSecret(url: URL, secrets: readonly string[] = []): boolean {
  return withoutSecrets(url, secrets) !== url.href
}

/** The address with `***` in place of each secret: the same for the same address, so that it can be compared. */
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

/** An address that was written down without its secrets, with those of the one in the manifest; only of the same server. */
export function withSecretsOf(written: string, known: URL, secrets: readonly string[] = []): URL {
  // A query that was taken apart may be spelt otherwise, which a signature may not bear.
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

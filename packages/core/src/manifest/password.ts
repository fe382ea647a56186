// Distinguishes plain passwords from hashes of crypt(5).

/** Patterns of hashes (libxcrypt, crypt(5)), by their common name. */
const KINDS: Readonly<Record<string, RegExp>> = {
  yescrypt: /^\$y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}$/,
  'gost-yescrypt': /^\$gy\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}$/,
  scrypt: /^\$7\$[./A-Za-z0-9]{11,97}\$[./A-Za-z0-9]{43}$/,
  bcrypt: /^\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}$/,
  'SHA-512': /^\$6\$(?:rounds=[1-9][0-9]+\$)?[^$:\n]{1,16}\$[./0-9A-Za-z]{86}$/,
  'SHA-256': /^\$5\$(?:rounds=[1-9][0-9]+\$)?[^$:\n]{1,16}\$[./0-9A-Za-z]{43}$/,
  'SHA-1': /^\$sha1\$[1-9][0-9]+\$[./0-9A-Za-z]{1,64}\$[./0-9A-Za-z]{28}$/,
  'Sun MD5': /^\$md5(?:,rounds=\d+)?\$[./0-9A-Za-z]{1,16}\$\$?[./0-9A-Za-z]{22}$/,
  SM3: /^\$sm3\$(?:rounds=[1-9][0-9]+\$)?[^$:\n]{1,16}\$[./0-9A-Za-z]{43}$/,
  'sm3-yescrypt': /^\$sm3y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}$/,
  NT: /^\$3\$\$[0-9a-f]{32}$/,
  MD5: /^\$1\$[^$:\n]{1,8}\$[./0-9A-Za-z]{22}$/,
}

/** Returns true if a password is a hash, which is used as it is. */
export function isPasswordHash(password: string): boolean {
  return Object.values(KINDS).some((shape) => shape.test(password))
}

/**
 * `$argon2id$v=19$…` → `argon2id`: the type of a hash that Linux does not support. Returns undefined for other
 * passwords.
 */
export function strangeHash(password: string): string | undefined {
  const [, kind] = /^\$([a-z][a-z0-9-]*)[$,]\S{20,}$/i.exec(password) ?? []
  return kind === undefined || isPasswordHash(password) || isBrokenHash(password) ? undefined : kind
}

/**
 * Returns true if a password starts like a hash and is too long for most passwords, but is not a valid hash. It was
 * probably truncated when it was copied.
 */
export function isBrokenHash(password: string): boolean {
  return /^\$(?:y|gy|7|2[abxy]|6|5|sha1|1)\$.{20}/.test(password) && !isPasswordHash(password)
}

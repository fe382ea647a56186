// What an SSH public key looks like, one a line as in `authorized_keys`; ssh-keygen on the server has the last word.

const KEY =
  /(?:^|\s)(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp\d+|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)(?:-cert-v01@openssh\.com)?\s+[A-Za-z0-9+/]+={0,3}(?:\s|$)/

/** What to write instead, for a sentence that begins with the key's place. */
export const PUBLIC_KEY_WANTED =
  'must be an SSH public key such as "ssh-ed25519 AAAAC3Nz… me@desk", { file: PATH } or { url: ADDRESS }'

/** Keys in a text: every line that is not empty and no comment. */
export function keyLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** Whether a text holds public keys and nothing else; options before a key are fine. */
export function holdsPublicKeys(text: string): boolean {
  const lines = keyLines(text)
  return lines.length > 0 && lines.every((line) => KEY.test(line))
}

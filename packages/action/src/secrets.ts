// The secrets of this process: masked in the log by the runner, and taken out of everything that the action writes.
import { setSecret } from '@actions/core'
import { createMasker } from '@pve-provision/core/text'

/** For the whole process, as the runner's masks are. */
const masker = createMasker()
/** The runner's masks do not look for whole words: a shorter one would make the log unreadable. */
const SHORTEST = 4

/** From now on this text, and each of its lines, is a secret: a mask of several lines does not hold for one of them. */
export function hide(secret: string): void {
  masker.hide(secret)
  const lines = [secret, ...secret.split(/[\r\n]+/)].map((line) => line.trim())
  for (const line of lines) if (line.length >= SHORTEST) setSecret(line)
}

/** The text without any secret. The runner masks its log only: files, outputs and summaries are for us to look after. */
export function redact(text: string): string {
  return masker.mask(text)
}

/** The document without any secret in its values; keys and numbers stay, so that it is the same document. */
export function redactValues<Value>(document: Value): Value {
  return masker.maskValues(document)
}

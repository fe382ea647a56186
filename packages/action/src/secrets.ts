// The secrets of this process. The runner masks them in the log; this module masks them in everything that the action
// writes.
import { setSecret } from '@actions/core'
import { createMasker } from '@pve-provision/core/text'

/** One masker for the whole process, like the runner's masks. */
const masker = createMasker()
/** The runner also masks parts of words, so a shorter mask would make the log unreadable. */
const SHORTEST = 4

/** Adds a text and each of its lines as secrets, because a mask with several lines does not match a single line. */
export function hide(secret: string): void {
  masker.hide(secret)
  const lines = [secret, ...secret.split(/[\r\n]+/)].map((line) => line.trim())
  for (const line of lines) if (line.length >= SHORTEST) setSecret(line)
}

/** Masks all secrets in a text. The runner masks only its log, so use this for files, outputs and summaries. */
export function redact(text: string): string {
  return masker.mask(text)
}

/** Masks all secrets in the values of a document. Keys, numbers and structure are unchanged. */
export function redactValues<Value>(document: Value): Value {
  return masker.maskValues(document)
}

// The secrets of this process: masked in the log by the runner, and taken out of everything that the action writes.
import { setSecret } from '@actions/core'
import { inline } from './summary/markdown-text.ts'

/** Shorter values are no secrets, and masking them would make the log unreadable: `${env:COUNT}` may be `3`. */
const SHORTEST = 4

/** For the whole process, as the runner's masks are. */
const known = new Set<string>()

/** From now on this text, and each of its lines, is a secret: a mask of several lines does not hold for one of them. */
export function hide(secret: string): void {
  const lines = [secret, ...secret.split(/\r?\n/)].map((line) => line.trim())
  for (const line of lines.filter(({ length }) => length >= SHORTEST)) {
    setSecret(line)
    // As it is, and as it stands within a JSON document or in Markdown.
    for (const form of [line, JSON.stringify(line).slice(1, -1), inline(line)]) known.add(form)
  }
}

/** The text without any secret. The runner masks its log only: files, outputs and summaries are for us to look after. */
export function redact(text: string): string {
  const longestFirst = [...known].toSorted((one, other) => other.length - one.length)
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

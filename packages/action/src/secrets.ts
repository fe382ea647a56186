// The secrets of a run: masked in the log by the runner, and taken out of every file that the action writes.
import { mask } from './log.ts'

/** Shorter values are no secrets, and masking them would make the log unreadable: `${env:COUNT}` may be `3`. */
const SHORTEST = 4

export interface Secrets {
  /** From now on this text, and each of its lines, is a secret. */
  add(secret: string): void
  /** The text without any of them. */
  redact(text: string): string
}

export function createSecrets(): Secrets {
  const known = new Set<string>()
  return {
    add(secret) {
      const parts = [secret, ...secret.split(/\r?\n/)]
        .map((part) => part.trim())
        .filter(({ length }) => length >= SHORTEST)
      if (parts.length === 0) return
      mask(secret)
      for (const part of parts) {
        known.add(part)
        // As it stands within a JSON document.
        known.add(JSON.stringify(part).slice(1, -1))
      }
    },
    redact(text) {
      const longestFirst = [...known].toSorted((one, other) => other.length - one.length)
      return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    },
  }
}

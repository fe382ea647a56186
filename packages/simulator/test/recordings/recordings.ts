// The recorded exchanges with a real server, and the API schemas, where they lie beside the repository.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Exchange } from '../../src/record/exchange.ts'

export type { Exchange }

const FOLDER = fileURLToPath(new URL('../../../../../shared/pve/', import.meta.url))

/** Where a file of the recordings lies; it may not be there. */
export const recordingPath = (name: string): string => `${FOLDER}${name}`

/** Why the tests against recordings cannot run here, or `undefined` when they can. */
export const recordingsAbsent: string | undefined = existsSync(recordingPath('traffic.jsonl'))
  ? undefined
  : 'the recordings of a real server are not part of the repository and do not lie beside it (../shared/pve)'

/** All exchanges in the order they were made. */
export function readExchanges(): readonly Exchange[] {
  const lines = readFileSync(recordingPath('traffic.jsonl'), 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Exchange)
}

/** A form or query as Proxmox reads it: a key that comes twice is a list, what follows a second `=` is lost. */
export function readForm(text: string): Record<string, string | string[] | undefined> {
  const form: Record<string, string | string[] | undefined> = {}
  for (const pair of text.split(/[&;]/).filter((part) => part !== '')) {
    const [key = '', value] = pair.split('=').map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
    const known = form[key]
    if (known === undefined || value === undefined) form[key] = value
    else form[key] = [known, value].flat()
  }
  return form
}

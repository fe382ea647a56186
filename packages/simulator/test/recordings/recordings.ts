// The recorded exchanges with a real server, and the API schemas, if they exist next to the repository.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Exchange } from '../../src/record/exchange.ts'

export type { Exchange }

const FOLDER = fileURLToPath(new URL('../../../../../shared/pve/', import.meta.url))

/** Returns the path of a recording file, which may not exist. */
export const recordingPath = (name: string): string => `${FOLDER}${name}`

/** Why the tests with recordings cannot run here, or `undefined` if they can. */
export const recordingsAbsent: string | undefined = existsSync(recordingPath('traffic.jsonl'))
  ? undefined
  : 'the recordings of a real server are not part of the repository and do not lie beside it (../shared/pve)'

/** Returns all exchanges in order. */
export function readExchanges(): readonly Exchange[] {
  const lines = readFileSync(recordingPath('traffic.jsonl'), 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Exchange)
}

/** Parses a form or query like Proxmox: a repeated key becomes a list, and everything after a second `=` is lost. */
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

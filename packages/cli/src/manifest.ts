// Reads the manifest from its files, with parameters from the command line and the environment.
import { readFileSync } from 'node:fs'
import { type ParsedManifest, ProvisionError, parseManifest } from '@pve-provision/core'
import { createForeignFiles } from '@pve-provision/core/advanced'
import { reasonOf } from './files.ts'
import type { ManifestOptions } from './options.ts'
import { keepSecret } from './text/output.ts'

const files = createForeignFiles({ folder: process.cwd(), readInput: () => readFileSync(0) })

/**
 * Reads the manifest from files (later ones override earlier ones), folders, or standard input.
 * @throws ProvisionError `MANIFEST`; `USAGE` for `--var` without a value
 */
export function loadManifest({ file, var: given = [] }: ManifestOptions): ParsedManifest {
  const variables = variablesOf(given)
  const sources = file.flatMap(manifestsBehind)
  // Mask secrets before any message about the manifest, because a problem may quote its text.
  for (const { text } of sources) keepSecret(...secretsNamedIn(text))
  const parsed = parseManifest(sources, { ...files, environment: process.env, variables })
  keepSecret(...parsed.secrets)
  return parsed
}

function manifestsBehind(name: string) {
  try {
    return files.manifests([name])
  } catch (cause) {
    throw new ProvisionError('MANIFEST', `The manifest ${name} ${reasonOf(cause)}.`, {
      cause,
      hint: 'Name it with --file, or write one with `pve-provision init`.',
    })
  }
}

function secretsNamedIn(text: Uint8Array): readonly (string | undefined)[] {
  const names = new TextDecoder().decode(text).matchAll(/\$\{secret:(\w+)\}/g)
  return [...names].map(([, name = '']) => process.env[name])
}

/** Parses `NAME=VALUE`. If a name is repeated, the last value wins. */
function variablesOf(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? []
      if (name !== undefined && value !== undefined) return [name, value]
      throw new ProvisionError('USAGE', `--var must be NAME=VALUE, not ${text}.`, { hint: 'Such as --var size=large' })
    }),
  )
}

// Text → what should be. All complaints come at once, each with its line and column; nothing is contacted.
import { type Document, visit } from 'yaml'
import { complaintsOf } from './complaints.ts'
import { expand } from './expand.ts'
import { withIncludes } from './includes.ts'
import type { Desired } from './manifest.ts'
import { type Complaint, type ManifestPath, type Places, readYaml, refusal, type YamlSource } from './read-yaml.ts'
import { manifestSchema } from './schema.ts'

export type ManifestSource = YamlSource

export interface ParseOptions {
  /** What `${env:NAME}` may name. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Reads a file that the manifest names, relative to the manifest; throws when it cannot. */
  readonly readFile?: (path: string) => string
}

export interface ParsedManifest {
  readonly desired: Desired
  /** Values that came from `${env:…}` and passwords: never to be shown. */
  readonly secrets: readonly string[]
}

/**
 * Reads a manifest.
 * @throws ProvisionError `MANIFEST`; `details.complaints` is a `Complaint[]` in the order of the file
 */
export function parseManifest(
  { text, file }: ManifestSource,
  { environment = {}, readFile = noFiles }: ParseOptions = {},
): ParsedManifest {
  const { document, places } = readYaml(
    { text, file },
    'A manifest must be a mapping with `project`, `images` and `vms`.',
  )
  const secrets: string[] = []
  const missing = fillEnvironment(document, { environment, secrets, places })
  // A schema that is used once in a run is not worth compiling: that takes longer than checking.
  const checked = manifestSchema.safeParse(document.toJS(), { jitless: true })
  // What a variable that is not set would have been is not known, so nothing is said of it.
  const known = (checked.error?.issues ?? []).filter(({ path }) => !isUnfilled(document, path))
  const issues = complaintsOf(known, places)
  if (!checked.success || missing.length > 0) throw refusal(file, [...missing, ...issues])

  const complaints: { readonly path: ManifestPath; readonly message: string }[] = []
  const complain = (path: ManifestPath, message: string) => void complaints.push({ path, message })
  const included = withIncludes(checked.data, { readFile, complain })
  const { desired, passwords } = expand(included, { place: (path) => places.atKey(path), complain })
  if (complaints.length > 0)
    throw refusal(
      file,
      complaints.map(({ path, message }) => ({ ...places.atPath(path), message })),
    )
  return { desired, secrets: [...secrets, ...passwords] }
}

function isUnfilled(document: Document.Parsed, path: readonly PropertyKey[]): boolean {
  const value = document.getIn(path)
  return typeof value === 'string' && value.search(PLACEHOLDER) >= 0
}

function noFiles(): never {
  throw new Error('files are not read here')
}

const PLACEHOLDER = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g

/** Puts values for `${env:NAME}` into the document itself, so that positions stay true. */
function fillEnvironment(
  document: Document.Parsed,
  {
    environment,
    secrets,
    places,
  }: { environment: NonNullable<ParseOptions['environment']>; secrets: string[]; places: Places },
): Complaint[] {
  const missing: Complaint[] = []
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return
      node.value = node.value.replace(PLACEHOLDER, (placeholder: string, name: string) => {
        const value = environment[name]
        if (value === undefined || value === '') {
          missing.push({
            ...places.atOffset(node.range?.[0] ?? 0),
            message: `The environment variable ${name} is not set.`,
          })
          return placeholder
        }
        secrets.push(value)
        return value
      })
    },
  })
  return missing
}

// Text → what should be. All problems come at once, each with its line and column; nothing is contacted.
import { type Document, visit } from 'yaml'
import type { z } from 'zod'
import { type Expansion, expand } from './expand/expand.ts'
import { withIncludes } from './includes.ts'
import type { Desired } from './manifest.ts'
import { problemsOf } from './problems.ts'
import {
  type ManifestPath,
  type ManifestProblem,
  type Places,
  readYaml,
  refusal,
  type YamlSource,
} from './read-yaml.ts'
import { type ManifestDocument, manifestJsonSchema, manifestSchema } from './schema/manifest-schema.ts'
import { isConsequence, withoutFaults } from './without-faults.ts'

export type ManifestSource = YamlSource

export interface ParseOptions {
  /** What `${env:NAME}` may name. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Reads a file that the manifest names, relative to the manifest; throws when it cannot. */
  readonly readFile?: (path: string) => string
  /** The path of a file as this machine takes it. */
  readonly resolveFile?: (path: string) => string
}

export interface ParsedManifest {
  readonly desired: Desired
  /** Values that came from `${env:…}` and passwords: never to be shown. */
  readonly secrets: readonly string[]
}

/**
 * Reads a manifest.
 * @throws ProvisionError `MANIFEST`; `details.problems` is a `ManifestProblem[]` in the order of the file
 */
export function parseManifest(
  { text, file }: ManifestSource,
  { environment = {}, readFile = noFiles, resolveFile = (path) => path }: ParseOptions = {},
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
  const work = (manifest: ManifestDocument) => workOut(manifest, { places, readFile, resolveFile, files: [file] })
  if (!checked.success || missing.length > 0) {
    const issues = problemsOf(known, { places, whole: 'The manifest', schema: manifestJsonSchema })
    const others = missing.length > 0 ? [] : problemsBeyond(document.toJS(), known, work)
    throw refusal(file, [...missing, ...issues, ...others.map((one) => placed(one, places))])
  }
  const { problems, desired, passwords } = work(checked.data)
  if (problems.length > 0)
    throw refusal(
      file,
      problems.map((one) => placed(one, places)),
    )
  return { desired, secrets: [...secrets, ...passwords] }
}

interface Found {
  readonly path: ManifestPath
  readonly message: string
}

interface Worked extends Expansion {
  /** What only shows across entries, or in files that are named. */
  readonly problems: readonly Found[]
}

interface Work {
  readonly places: Places
  readonly readFile: (path: string) => string
  readonly resolveFile: (path: string) => string
  readonly files: readonly string[]
}

function workOut(manifest: ManifestDocument, { places, readFile, resolveFile, files }: Work): Worked {
  const problems: Found[] = []
  const addProblem = (path: ManifestPath, message: string) => void problems.push({ path, message })
  const included = withIncludes(manifest, { readFile, addProblem })
  return { ...expand(included, { place: (path) => places.atKey(path), addProblem, resolveFile, files }), problems }
}

/** What is wrong with the parts that the schema has nothing against, so that nobody has to come twice. */
function problemsBeyond(
  document: unknown,
  issues: readonly z.core.$ZodIssue[],
  work: (manifest: ManifestDocument) => Worked,
): readonly Found[] {
  const rest = manifestSchema.safeParse(withoutFaults(document, issues), { jitless: true })
  return rest.success ? work(rest.data).problems.filter(({ path }) => !isConsequence(path, issues)) : []
}

function placed({ path, message }: Found, places: Places): ManifestProblem {
  return { ...places.atPath(path), message }
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
): ManifestProblem[] {
  const missing: ManifestProblem[] = []
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return
      node.value = node.value.replace(PLACEHOLDER, (placeholder: string, name: string) => {
        const value = environment[name]
        if (value === undefined || value === '') {
          missing.push({
            ...places.atOffset(node.range?.[0] ?? 0),
            message: `The environment variable ${name} is not set: export ${name}=…`,
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

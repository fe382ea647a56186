// Parses a manifest into the desired state. It reports all problems at once, each with file, line and column, and
// contacts no server.
import type * as z from 'zod/mini'
import { ProvisionError } from '../errors.ts'
import { type Expansion, expand } from './expand/expand.ts'
import type { Desired, ManifestNote, Position } from './manifest.ts'
import {
  createParameters,
  type ParameterSources,
  type Parameters,
  type UnusedVariable,
} from './read/fill-parameters.ts'
import { reasonOf, withIncludes } from './read/includes.ts'
import type { JsonSchema } from './read/json-schema.ts'
import { mergeFiles, withEmptyMappings, withoutExtensions } from './read/layers.ts'
import { replaceMisplaced } from './read/misplaced.ts'
import { positionOf } from './read/place.ts'
import { innerIssues, problemsOf } from './read/problems.ts'
import { type ManifestProblem, parseYaml, refusal, type YamlSource } from './read/read-yaml.ts'
import { type ManifestPath, type MapTree, placeOfKey, placeOfValue, toValue, withText } from './read/tree.ts'
import { consequencesOf, withoutFaults } from './read/without-faults.ts'
import { type ManifestDocument, manifestSchema, manifestShape } from './schema/manifest-schema.ts'

/** The text of a manifest and the name of its file. */
export type ManifestSource = YamlSource

/** Variables for the manifest, and functions that read the files it names. */
export interface ParseOptions extends Partial<ParameterSources> {
  /** Reads a file that a manifest names, relative to that manifest. It throws if that fails. */
  readonly readFile?: ((path: string, from: string) => string | Uint8Array) | undefined
  /** Returns the absolute path of a file that a manifest names. */
  readonly resolveFile?: ((path: string, from: string) => string) | undefined
}

/** The result of `parseManifest`. */
export interface ParsedManifest {
  readonly desired: Desired
  /** Secrets, and all passwords even if they are plain text. Never display them. */
  readonly secrets: readonly string[]
}

/**
 * Parses a manifest from one or more files. Later files override earlier ones.
 * @throws ProvisionError `MANIFEST`, with `details.problems` a `ManifestProblem[]` in the order of the files; `USAGE`
 * for a variable that the manifest does not use
 */
export function parseManifest(
  sources: ManifestSource | readonly ManifestSource[],
  options: ParseOptions = {},
): ParsedManifest {
  const files = [sources].flat()
  const tree = readFiles(files)
  const parameters = createParameters(tree, {
    environment: options.environment ?? {},
    allow: options.allow,
    variables: options.variables ?? {},
    howToAllow: options.howToAllow,
    howToGive: options.howToGive ?? ((name) => `\`--var ${name}=…\``),
    howToSet: options.howToSet ?? ((name) => `export ${name}=…`),
    standIn: options.standIn,
  })
  const filled = withEmptyMappings(withoutExtensions(parameters.fill(tree)))
  const names = files.map(({ file }) => file)
  const { desired, passwords } = check(filled, { parameters, options, names, files })
  refuseUnused(parameters.unusedVariables())
  return { desired, secrets: [...new Set([...parameters.secrets, ...passwords])] }
}

/** A given variable that is not used was probably mistyped. */
function refuseUnused([first]: readonly UnusedVariable[]): void {
  if (first === undefined) return
  const { name, meant } = first
  throw new ProvisionError('USAGE', `The manifest has no variable ${name}.`, {
    hint:
      meant === undefined
        ? `Use \`\${var:${name}}\` where the value belongs, or remove the variable.`
        : `Did you mean ${meant}?`,
  })
}

const EXPECTATION = 'A manifest must be a mapping with `project`, `images` and `vms`.'

function readFiles(files: readonly ManifestSource[]): MapTree {
  const parsed = files.map((file) => parseYaml(file, EXPECTATION))
  const names = files.map(({ file }) => file)
  const problems = parsed.flatMap((one) => one.problems)
  if (problems.length > 0) throw refusal(names, problems)
  const [first, ...others] = parsed.flatMap(({ tree }) => tree ?? [])
  if (first === undefined) throw refusal(names, [{ file: names[0] ?? '', line: 1, column: 1, message: EXPECTATION }])
  return mergeFiles([first, ...others])
}

interface Checking {
  readonly parameters: Parameters
  readonly options: ParseOptions
  readonly names: readonly string[]
  readonly files: readonly ManifestSource[]
}

/** @throws ProvisionError `MANIFEST` */
function check(filled: MapTree, { parameters, options, names, files }: Checking): Expansion {
  const validated = validate(filled)
  const { tree, problems: misplaced } = validated.success ? { tree: filled, problems: [] } : meant(filled)
  const checked = misplaced.length > 0 ? validate(tree) : validated
  const work = (manifest: ManifestDocument) =>
    workOut(manifest, { tree: checked.tree, parameters, options, names, files })
  // Texts for the guest are filled in later, and may add problems.
  const isUnsure = parameters.problems.length + misplaced.length > 0
  if (!checked.success) {
    const issues = problemsOf(checked.issues, { tree: checked.tree, whole: 'The manifest', schema })
    const beyond = problemsBeyond(toValue(checked.tree), checked.issues, work)
    throw refusal(names, [...parameters.problems, ...misplaced, ...issues, ...beyond])
  }
  const { problems, ...expansion } = work(checked.manifest)
  // If a parameter is not set, its value is unknown, so problems that may follow from it are not reported.
  const all = [...parameters.problems, ...misplaced, ...(isUnsure ? [] : problems)]
  if (all.length > 0) throw refusal(names, all, expansion.desired.notes)
  return expansion
}

const schema = manifestShape as () => JsonSchema

function meant(tree: MapTree) {
  return replaceMisplaced(tree, schema())
}

type Validated = { readonly tree: MapTree } & (
  | { readonly success: true; readonly manifest: ManifestDocument }
  | { readonly success: false; readonly issues: readonly z.core.$ZodIssue[] }
)

/** If the schema requires text, parameters that were read as numbers are used as text. */
function validate(tree: MapTree): Validated {
  const first = parse(tree)
  if (first.success) return first
  const asText = withText(
    tree,
    innerIssues(first.issues).map(({ path }) => path),
  )
  return asText === undefined ? first : parse(asText)
}

function parse(tree: MapTree): Validated {
  // The schema is used once per run. Compiling it takes longer than checking without it.
  const checked = manifestSchema.safeParse(toValue(tree), { jitless: true })
  return checked.success
    ? { success: true, manifest: checked.data, tree }
    : { success: false, issues: checked.error.issues, tree }
}

interface Worked extends Expansion {
  /** Problems across entries or in files that the manifest names. */
  readonly problems: readonly PlacedProblem[]
}

interface PlacedProblem extends ManifestProblem {
  readonly path: ManifestPath
}

interface Work extends Checking {
  readonly tree: MapTree
}

function workOut(manifest: ManifestDocument, { tree, parameters, options, files }: Work): Worked {
  const problems: PlacedProblem[] = []
  const addProblem = (path: ManifestPath, message: string) =>
    void problems.push({ ...positionOf(placeOfValue(tree, path)), message, path })
  const notes: ManifestNote[] = []
  const addNote = (path: ManifestPath, message: string) =>
    void notes.push({ ...positionOf(placeOfValue(tree, path)), message })
  const { readFile = noFiles, resolveFile = (file) => file } = options
  const from = (path: ManifestPath) => placeOfValue(tree, path).file
  const included = withIncludes(manifest, {
    readFile: (file, path) => readFile(file, from(path)),
    fill: (text, path) => parameters.fillText(text, placeOfValue(tree, path)),
    addProblem,
    addNote,
  })
  const place = (path: ManifestPath): Position => positionOf(placeOfKey(tree, path))
  const expansion = expand(included, {
    place,
    addProblem,
    addNote,
    resolveFile(file, path) {
      try {
        return resolveFile(file, from(path))
      } catch (cause) {
        addProblem(path, `The file ${file} ${reasonOf(cause)}.`)
        return file
      }
    },
    files,
    secrets: parameters.secrets,
  })
  return { ...expansion, desired: { ...expansion.desired, notes }, problems }
}

/** Finds problems in the parts that match the schema, so that users see all problems at once. */
function problemsBeyond(
  document: unknown,
  issues: readonly z.core.$ZodIssue[],
  work: (manifest: ManifestDocument) => Worked,
): readonly ManifestProblem[] {
  const rest = manifestSchema.safeParse(withoutFaults(document, issues), { jitless: true })
  if (!rest.success) return []
  const isConsequence = consequencesOf(issues)
  return work(rest.data).problems.filter(({ path }) => !isConsequence(path))
}

function noFiles(): never {
  throw new Error('is not read here')
}

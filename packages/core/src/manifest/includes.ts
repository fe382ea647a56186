// Texts that a manifest keeps in files beside it: put in place of `{ file: PATH }` before anything is worked out.
import { holdsPublicKeys, keyLines } from './public-key.ts'
import type { ManifestPath } from './read-yaml.ts'
import type { ImageDocument, ManifestDocument } from './schema/manifest-schema.ts'

export interface Includes {
  /** Reads a file named in the manifest; throws when it cannot. */
  readonly readFile: (path: string) => string
  readonly addProblem: (path: ManifestPath, message: string) => void
}

type CloudInitDocument = NonNullable<NonNullable<ManifestDocument['defaults']>['cloudInit']>

/** The same manifest with the contents of files in place of their names. */
export function withIncludes(manifest: ManifestDocument, { readFile, addProblem }: Includes): ManifestDocument {
  const read = (file: string, path: ManifestPath): string => {
    try {
      return readFile(file)
    } catch (cause) {
      addProblem(path, `The file ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`)
      return ''
    }
  }
  const keysIn = (file: string, path: ManifestPath): string[] => {
    const text = read(file, path)
    if (text !== '' && !holdsPublicKeys(text))
      addProblem(path, `The file ${file} holds something else than SSH public keys, one a line.`)
    return keyLines(text)
  }
  const cloudInit = (value: CloudInitDocument, path: ManifestPath): CloudInitDocument => ({
    ...value,
    ...documentsOf(value, (file, key) => read(file, [...path, key])),
    ...(value.sshKeys && {
      sshKeys: value.sshKeys.flatMap((key, index) =>
        typeof key === 'object' && 'file' in key ? keysIn(key.file, [...path, 'sshKeys', index]) : [key],
      ),
    }),
  })
  const machine = <Value extends { cloudInit?: CloudInitDocument | undefined }>(
    value: Value,
    path: ManifestPath,
  ): Value =>
    value.cloudInit === undefined ? value : { ...value, cloudInit: cloudInit(value.cloudInit, [...path, 'cloudInit']) }
  return {
    ...manifest,
    ...(manifest.defaults && { defaults: machine(manifest.defaults, ['defaults']) }),
    ...(manifest.profiles && {
      profiles: mapEntries(manifest.profiles, (value, name) => machine(value, ['profiles', name])),
    }),
    vms: mapEntries(manifest.vms, (value, name) => machine(value, ['vms', name])),
    images: mapEntries(manifest.images, (image, name) =>
      withBuildFiles(
        withKeys(image, (file, index) => read(file, ['images', name, 'signature', 'keys', index])),
        (file, path) => read(file, ['images', name, 'build', ...path]),
      ),
    ),
  }
}

/** What a recipe keeps in files. */
function withBuildFiles(image: ImageDocument, read: (file: string, path: ManifestPath) => string): ImageDocument {
  if (image.build === undefined) return image
  const { files, userData } = image.build
  return {
    ...image,
    build: {
      ...image.build,
      ...(typeof userData === 'object' && { userData: read(userData.file, ['userData']) }),
      ...(files && {
        files: files.map((entry, index) =>
          typeof entry.content === 'object'
            ? { ...entry, content: read(entry.content.file, ['files', index, 'content']) }
            : entry,
        ),
      }),
    },
  }
}

function withKeys(image: ImageDocument, read: (file: string, index: number) => string) {
  if (image.signature === undefined) return image
  const keys = image.signature.keys.map((key, index) => (key.includes('-----BEGIN') ? key : read(key, index)))
  return { ...image, signature: { ...image.signature, keys } }
}

function documentsOf(
  value: CloudInitDocument,
  read: (file: string, key: string) => string,
): Partial<CloudInitDocument> {
  const entries = (['userData', 'networkConfig', 'vendorData'] as const).flatMap((key) => {
    const document = value[key]
    return typeof document === 'object' ? [[key, read(document.file, key)] as const] : []
  })
  return Object.fromEntries(entries)
}

function mapEntries<Value>(
  record: Record<string, Value>,
  change: (value: Value, name: string) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
}

// Replaces `{ file: PATH }` in a manifest with the content of the file, before the manifest is expanded.

import { readDocument } from '../documents/read-document.ts'
import type { DocumentValue } from '../expand/expand-cloud-init.ts'
import { readPublicKeys } from '../public-key.ts'
import type { ContentDocument } from '../schema/image.ts'
import type { ImageDocument, MachineDocument, ManifestDocument } from '../schema/manifest-schema.ts'
import { decodeText } from './decode-text.ts'
import type { ManifestPath } from './tree.ts'

export interface Includes {
  /** Reads a file that is named at a path of the manifest. It throws if that fails. */
  readonly readFile: (file: string, path: ManifestPath) => string | Uint8Array
  /** Fills parameters and secrets into a text that requests it. */
  readonly fill: (text: string, path: ManifestPath) => string
  readonly addProblem: (path: ManifestPath, message: string) => void
  /** Reports something that is not a problem. */
  readonly addNote: (path: ManifestPath, message: string) => void
}

type CloudInitDocument = NonNullable<MachineDocument['cloudInit']>

const DOCUMENTS = ['userData', 'networkConfig', 'vendorData'] as const

/** Returns the manifest with the content of files in place of their names. */
export function withIncludes(manifest: ManifestDocument, includes: Includes): ManifestDocument {
  const reader = createReader(includes)
  const machine = <Value extends { cloudInit?: CloudInitDocument | undefined }>(value: Value, path: ManifestPath) =>
    value.cloudInit === undefined
      ? value
      : { ...value, cloudInit: cloudInitWith(value.cloudInit, { path: [...path, 'cloudInit'], reader }) }
  return {
    ...manifest,
    ...(manifest.defaults && { defaults: machine(manifest.defaults, ['defaults']) }),
    ...(manifest.profiles && {
      profiles: mapEntries(manifest.profiles, (value, name) => machine(value, ['profiles', name])),
    }),
    vms: mapEntries(manifest.vms, (value, name) => machine(value, ['vms', name])),
    images: mapEntries(manifest.images, (image, name) =>
      withBuildFiles(withSigningKeys(image, name, reader), name, reader),
    ),
  }
}

interface Reader {
  /** Returns the text of a file. If it is not text, returns an empty text and reports a problem. */
  text(file: string, path: ManifestPath): string
  /** Returns a text of a recipe, read and filled in. */
  content(value: ContentDocument, path: ManifestPath): string
  document(value: DocumentValue, path: ManifestPath): DocumentValue
  keys(file: string, path: ManifestPath): readonly string[]
}

function createReader({ readFile, fill, addProblem, addNote }: Includes): Reader {
  const read = (file: string, path: ManifestPath): string | Uint8Array | undefined => {
    try {
      return readFile(file, path)
    } catch (cause) {
      addProblem(path, `The file ${file} ${reasonOf(cause)}.`)
      return undefined
    }
  }
  const text = (file: string, path: ManifestPath): string | undefined => {
    const content = read(file, path)
    if (content === undefined) return undefined
    const { text: decoded, problem } = decodeText(content)
    if (problem !== undefined) addProblem(path, `${file}:${problem.line}:${problem.column}: ${problem.message}`)
    return decoded
  }
  return {
    text: (file, path) => text(file, path) ?? '',
    content(value, path) {
      if (typeof value === 'string') return value
      const plain = 'file' in value ? (text(value.file, [...path, 'file']) ?? '') : value.text
      return value.fill === true ? fill(plain, path) : plain
    },
    keys(file, path) {
      const content = text(file, path)
      if (content === undefined) return []
      const { keys, dropped } = readPublicKeys(content)
      const [first] = dropped
      // Report only one line and never show its content: it may be a private key.
      if (first !== undefined)
        addProblem(
          path,
          `${file}:${first.line}:1: This line ${first.reason}. The file must contain only SSH public keys.`,
        )
      else if (keys.length === 0) addProblem(path, `The file ${file} has no SSH public key.`)
      return keys
    },
    document: (value, path) => readDocument(value, { path, read, fill, addProblem, addNote }),
  }
}

/** Returns why a file cannot be read, as a clause that follows its name. */
export function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'does not exist',
    ENOTDIR: 'does not exist',
    EACCES: 'may not be read by this user',
    EPERM: 'may not be read by this user',
    EISDIR: 'is a folder',
    ELOOP: 'is a link to itself',
    ENAMETOOLONG: 'has a name that is too long',
  }
  return words[code] ?? (cause instanceof Error ? cause.message.replace(/\.$/, '') : 'cannot be read')
}

interface Place {
  readonly path: ManifestPath
  readonly reader: Reader
}

function cloudInitWith(value: CloudInitDocument, { path, reader }: Place): CloudInitDocument {
  const documents = DOCUMENTS.flatMap((key) => {
    const document = value[key]
    return document === undefined ? [] : [[key, reader.document(document, [...path, key])] as const]
  })
  const sshKeys = value.sshKeys?.flatMap(
    (key, index): NonNullable<CloudInitDocument['sshKeys']> =>
      typeof key === 'object' && 'file' in key
        ? [...reader.keys(key.file, [...path, 'sshKeys', index, 'file'])]
        : [key],
  )
  return { ...value, ...Object.fromEntries(documents), ...(sshKeys && { sshKeys }) }
}

function withSigningKeys(image: ImageDocument, name: string, reader: Reader): ImageDocument {
  if (image.signature === undefined) return image
  const keys = image.signature.keys.map((key, index) =>
    key.includes('-----BEGIN') ? key : reader.text(key, ['images', name, 'signature', 'keys', index]),
  )
  return { ...image, signature: { ...image.signature, keys } }
}

/** Replaces the files of a recipe with their content. */
function withBuildFiles(image: ImageDocument, name: string, reader: Reader): ImageDocument {
  if (image.build === undefined) return image
  const path = ['images', name, 'build']
  const { files, userData, networkConfig } = image.build
  return {
    ...image,
    build: {
      ...image.build,
      ...(userData !== undefined && { userData: reader.content(userData, [...path, 'userData']) }),
      ...(networkConfig !== undefined && {
        networkConfig: reader.content(networkConfig, [...path, 'networkConfig']),
      }),
      ...(files && {
        files: files.map((entry, index) => ({
          ...entry,
          content: reader.content(entry.content, [...path, 'files', index, 'content']),
        })),
      }),
    },
  }
}

function mapEntries<Value>(
  record: Record<string, Value>,
  change: (value: Value, name: string) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
}

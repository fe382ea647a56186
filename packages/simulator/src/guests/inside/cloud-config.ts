// Reads user-data and vendor-data like cloud-init: cloud-config, scripts, archives and multipart documents.
import { parse } from 'yaml'
import { asFields, type Fields, plain } from './plain.ts'

export interface ReadDocuments {
  /** All cloud-configs merged. Earlier ones win, and user-data wins over vendor-data. */
  readonly config: Readonly<Record<string, unknown>>
  readonly scripts: readonly string[]
  /** What cloud-init skips with a warning. */
  readonly warnings: readonly string[]
}

interface Part extends ReadDocuments {
  /** The part is merged with the earlier ones. */
  readonly isAdded?: boolean
}

export function readDocuments({ user, vendor }: { user: string; vendor: string }): ReadDocuments {
  const [own, given] = [readDocument(user), readDocument(vendor)]
  return {
    config: { ...given.config, ...own.config },
    scripts: [...given.scripts, ...own.scripts],
    warnings: [...given.warnings, ...own.warnings],
  }
}

const nothing: ReadDocuments = { config: {}, scripts: [], warnings: [] }

function readDocument(text: string): ReadDocuments {
  const body = text.replace(/^## template: ?jinja\r?\n/, '')
  if (body.trim() === '') return nothing
  if (body.startsWith('#cloud-config-archive')) return readArchive(body)
  if (body.startsWith('#cloud-config')) return readCloudConfig(body)
  if (body.startsWith('#!')) return { ...nothing, scripts: [body] }
  if (/^(?:Content-Type|MIME-Version):/im.test(body.slice(0, 500))) return readMultipart(body)
  const start = JSON.stringify(body.slice(0, 20))
  return { ...nothing, warnings: [`Unhandled non-multipart (text/x-not-multipart) userdata: ${start}...`] }
}

/** Parses YAML 1.1, like PyYAML. A document that is not a mapping is skipped. */
function readCloudConfig(text: string): ReadDocuments {
  try {
    const config: unknown = parse(text, { version: '1.1', merge: true }) ?? {}
    if (typeof config === 'object' && !Array.isArray(config)) {
      return { ...nothing, config: config as Record<string, unknown> }
    }
    return { ...nothing, warnings: ['Failed loading yaml blob. Yaml load allows (<class dict>,) root types.'] }
  } catch (error) {
    return { ...nothing, warnings: [`Failed loading yaml blob. ${String(error).split('\n')[0]}`] }
  }
}

function merged(parts: readonly Part[]): ReadDocuments {
  return {
    config: parts.reduce<Fields>((before, { config, isAdded }) => joined(before, config, isAdded === true), {}),
    scripts: parts.flatMap(({ scripts }) => scripts),
    warnings: parts.flatMap(({ warnings }) => warnings),
  }
}

/** Merges two configs. The first one wins, unless the second asks to be added to lists and mappings (`Merge-Type`). */
function joined(before: Fields, config: Fields, isAdded: boolean): Fields {
  const entries = Object.entries(config).map(([key, value]) => {
    const known = before[key]
    if (known === undefined) return [key, value]
    if (isAdded && Array.isArray(known) && Array.isArray(value)) return [key, [...known, ...value]]
    const hasFields = [known, value].every((one) => typeof one === 'object' && one !== null && !Array.isArray(one))
    return [key, isAdded && hasFields ? joined(asFields(known), asFields(value), true) : known]
  })
  return { ...before, ...Object.fromEntries(entries) }
}

function readArchive(text: string): ReadDocuments {
  const list: unknown = parse(text, { version: '1.1' })
  const parts = Array.isArray(list) ? list : []
  return merged(parts.map((part) => readDocument(contentOf(part))))
}

function contentOf(part: unknown): string {
  if (typeof part === 'string') return part
  const { content, type } = asFields(part)
  const text = plain(content)
  return type === 'text/cloud-config' && !text.startsWith('#cloud-config') ? `#cloud-config\n${text}` : text
}

function readMultipart(text: string): ReadDocuments {
  const boundary = /boundary="?([^";\r\n]+)"?/i.exec(text)?.[1]
  if (boundary === undefined) return { ...nothing, warnings: ['Failed to parse multipart user-data'] }
  const parts = text.split(`--${boundary}`).slice(1)
  return merged(parts.filter((part) => !part.startsWith('--')).map(readPart))
}

function readPart(part: string): Part {
  const [, head = '', body = ''] = /^\r?\n?([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(part) ?? []
  const isBase64 = /Content-Transfer-Encoding:\s*base64/i.test(head)
  const text = isBase64 ? Buffer.from(body, 'base64').toString('utf8') : body
  const type = /Content-Type:\s*([\w./+-]+)/i.exec(head)?.[1]
  const isAdded = /Merge-Type:\s*list\(append\)\+dict\(no_replace/i.test(head)
  if (type === 'text/cloud-config' && !text.startsWith('#cloud-config')) return { ...readCloudConfig(text), isAdded }
  if (type === 'text/x-shellscript') return { ...nothing, scripts: [text] }
  return { ...readDocument(text), isAdded }
}

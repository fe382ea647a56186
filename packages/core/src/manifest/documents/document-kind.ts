// Detects the type of a document for a guest, and which program reads it, from its first bytes.
import type { GuestDocument } from '../manifest.ts'

/** The type of a cloud-init document, and which program reads it. */
export interface DocumentKind {
  /** Its name in a sentence, such as "a cloud-config". */
  readonly name: string
  readonly reader: 'cloud-init' | 'other' | 'unknown'
  /** The content is not checked, because it is compressed or has encoded parts. */
  readonly isOpaque?: boolean
  /** Set for YAML: what the document consists of. */
  readonly yaml?: 'mapping' | 'list'
  /** True for a JSON patch of a cloud-config. */
  readonly isPatch?: boolean
  /** True for a template. The guest renders it to a document of another kind. */
  readonly isTemplate?: boolean
  /** The media type in a multi-part document. cloudbase-init recognizes a part only by it. */
  readonly mediaType?: string
}

const PACKED: DocumentKind = {
  name: 'a compressed document',
  reader: 'cloud-init',
  isOpaque: true,
  mediaType: 'application/gzip',
}
const MULTI_PART: DocumentKind = { name: 'a multi-part document', reader: 'cloud-init', isOpaque: true }
const UNKNOWN: DocumentKind = { name: 'a document of an unknown kind', reader: 'unknown' }

/**
 * First lines that cloud-init recognizes, in any case and after leading spaces (cloud-init `handlers/__init__.py`, 22.4
 * and 25.1). Longer ones come first.
 */
const CLOUD_INIT: readonly (readonly [start: string, kind: Omit<DocumentKind, 'reader'>])[] = [
  ['#cloud-config-archive', { name: 'a cloud-config archive', yaml: 'list', mediaType: 'text/cloud-config-archive' }],
  ['#cloud-config-jsonp', { name: 'a cloud-config patch', isPatch: true, mediaType: 'text/cloud-config-jsonp' }],
  ['#cloud-config', { name: 'a cloud-config', yaml: 'mapping', mediaType: 'text/cloud-config' }],
  ['#cloud-boothook', { name: 'a boot hook', mediaType: 'text/cloud-boothook' }],
  ['#include', { name: 'a list of addresses' }],
  ['#part-handler', { name: 'a part handler', mediaType: 'text/part-handler' }],
  ['#upstart-job', { name: 'an upstart job' }],
  ['## template: jinja', { name: 'a Jinja template', isTemplate: true }],
  ['#!', { name: 'a script', mediaType: 'text/x-shellscript' }],
]

const OTHERS: readonly (readonly [start: RegExp, name: string])[] = [
  [/^\s*\{[\s\S]*"ignition"\s*:/, 'an Ignition config'],
  [/^\s*#ps1/i, 'a PowerShell script'],
  [/^\s*rem cmd/i, 'a batch file'],
  [/^\s*<(?:powershell|script)>/i, 'a script for Windows'],
  [/^version: *["']?v1alpha1\b/m, 'a Talos machine config'],
  [/^apiVersion: *["']?v1alpha1\b/m, 'a Talos config document'],
]

/** Returns the type of a document. */
export function documentKind(document: GuestDocument): DocumentKind {
  const text = typeof document === 'string' ? document : atob(document.base64)
  if (text.startsWith('\x1f\x8b')) return PACKED
  if (/^(?:content-type|mime-version):/i.test(text)) return MULTI_PART
  const start = text.trimStart().toLowerCase()
  const known = CLOUD_INIT.find(([first]) => start.startsWith(first))
  if (known !== undefined) return { ...known[1], reader: 'cloud-init' }
  const other = OTHERS.find(([first]) => first.test(text))
  return other === undefined ? UNKNOWN : { name: other[1], reader: 'other' }
}

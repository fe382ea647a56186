// What a document for a guest is, and who reads it, by its first bytes.
import type { GuestDocument } from '../manifest.ts'

export interface DocumentKind {
  /** Its name in a sentence, such as "a cloud-config". */
  readonly name: string
  readonly reader: 'cloud-init' | 'other' | 'unknown'
  /** YAML that can be read and checked. */
  readonly isCloudConfig?: boolean
}

/** First lines that cloud-init knows, in any case and behind blanks (cloud-init `handlers/__init__.py`, 22.4 and 25.1). */
const CLOUD_INIT: readonly (readonly [start: string, name: string])[] = [
  ['#cloud-config-archive', 'a cloud-config archive'],
  ['#cloud-config-jsonp', 'a cloud-config patch'],
  ['#cloud-config', 'a cloud-config'],
  ['#cloud-boothook', 'a boot hook'],
  ['#include-once', 'a list of addresses'],
  ['#include', 'a list of addresses'],
  ['#part-handler', 'a part handler'],
  ['#upstart-job', 'an upstart job'],
  ['## template: jinja', 'a Jinja template'],
  ['#!', 'a script'],
]

const OTHERS: readonly (readonly [start: RegExp, name: string])[] = [
  [/^\s*\{[\s\S]*"ignition"\s*:/, 'an Ignition config'],
  [/^\s*#ps1/i, 'a PowerShell script'],
  [/^\s*rem cmd/i, 'a batch file'],
  [/^\s*<(?:powershell|script)>/i, 'a script for Windows'],
  [/^(?:---\s*\n)?(?:#.*\n|\s*\n)*version: *v1alpha1\b/m, 'a Talos machine config'],
  [/^apiVersion: *v1alpha1\b/m, 'a Talos config document'],
]

/** What a document is. */
export function documentKind(document: GuestDocument): DocumentKind {
  const text = typeof document === 'string' ? document : atob(document.base64)
  if (text.startsWith('\x1f\x8b')) return { name: 'a packed document', reader: 'cloud-init' }
  if (/^(?:content-type|mime-version):/i.test(text)) return { name: 'a multi-part document', reader: 'cloud-init' }
  const start = text.trimStart().toLowerCase()
  const known = CLOUD_INIT.find(([first]) => start.startsWith(first))
  if (known !== undefined)
    return { name: known[1], reader: 'cloud-init', ...(known[0] === '#cloud-config' && { isCloudConfig: true }) }
  const other = OTHERS.find(([first]) => first.test(text))
  return other === undefined
    ? { name: 'no document that is known', reader: 'unknown' }
    : { name: other[1], reader: 'other' }
}

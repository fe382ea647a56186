// Parses the input `limits`: a small YAML mapping that overrides the manifest's limits.
import type { Limits } from '@pve-provision/core'
import { parse } from 'yaml'

const NAMES = {
  perStorage: true,
  perNode: true,
  perTemplate: true,
  downloads: true,
  perHost: true,
  connectionsPerImage: true,
  conversions: true,
  uploads: true,
} satisfies Record<keyof Limits, true>

/** Returns the limits by name. Errors are added to `faults`. */
export function parseLimits(text: string, faults: string[]): Partial<Limits> {
  const entries = Object.entries(mappingOf(text, faults))
  for (const [name, value] of entries) {
    if (!(name in NAMES))
      faults.push(`\`limits\` has no key \`${name}\`; its keys are ${Object.keys(NAMES).join(', ')}.`)
    else if (!isWidth(value)) faults.push(`\`limits.${name}\` must be a whole number from 1 to 64.`)
  }
  return Object.fromEntries(entries.filter(([name, value]) => name in NAMES && isWidth(value)))
}

function isWidth(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 64
}

function mappingOf(text: string, faults: string[]): Readonly<Record<string, unknown>> {
  if (text === '') return {}
  try {
    const value: unknown = parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Reported below, like any other text that is not a mapping.
  }
  faults.push('`limits` must be a YAML mapping such as `perStorage: 2`.')
  return {}
}

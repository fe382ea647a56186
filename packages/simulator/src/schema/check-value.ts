// Checks values against rules in Proxmox's order and with its texts (PVE::JSONSchema check_object, check_prop,
// check_type).
import type { FormatCheck } from './format-check.ts'
import { valueFormats } from './formats.ts'
import { propertyFormats } from './property-formats.ts'
import { parsePropertyString, type Refusal } from './property-string.ts'
import type { PropertyRule, PropertyRules, ProxmoxVersion, Variants } from './rules.ts'

/** A value in a request: text, JSON's own types, or a list. */
export type ParameterValue = string | number | boolean | null | undefined | readonly unknown[] | object

/** Errors by parameter, with Proxmox's texts. */
export type Errors = Record<string, string>

/** An object without a prototype. Requests choose the keys, so `constructor` must be an ordinary one. */
export function emptyTable<Value>(): Record<string, Value> {
  return Object.create(null)
}

type Context = { readonly version: ProxmoxVersion; readonly errors: Errors }

/** Checks all keys of an object: missing, unknown and invalid ones. Adds what it finds to `errors`. */
export function checkObject(
  rules: PropertyRules,
  values: Readonly<Record<string, ParameterValue>>,
  context: Context & { readonly path?: string; readonly additional?: boolean },
): void {
  const pathOf = (name: string) => (context.path ? `${context.path}.${name}` : name)
  for (const [name, rule] of Object.entries(rules)) {
    checkProperty(rule, own(values, name), { ...context, path: pathOf(name), applies: applies(rule, values) })
  }
  for (const name of Object.keys(values)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule) checkRequires(rule, values, { ...context, pathOf, name })
    else if (!context.additional) addError(context.errors, pathOf(name), UNKNOWN_PROPERTY)
  }
}

/** Checks parameters that depend on a type (PVE::JSONSchema `check_all_of`, `check_one_of`). */
export function checkVariants(
  { common, property, type, byType }: Variants,
  values: Readonly<Record<string, ParameterValue>>,
  { version, errors }: Context,
): void {
  checkObject(common, values, { version, errors, additional: true })
  const before = Object.keys(errors).length
  checkObject({ [property]: type }, values, { version, errors, additional: true })
  const isTyped = Object.keys(errors).length === before
  const name = values[property]
  const variant = (isTyped && typeof name === 'string' && byType[name]) || {}
  if (isTyped && typeof name === 'string') {
    checkObject(variant, values, { version, errors, additional: true, path: `oneOf[${name}]` })
  }
  for (const key of Object.keys(values)) {
    const isKnown = key === property || Object.hasOwn(common, key) || Object.hasOwn(variant, key)
    if (!isKnown) addError(errors, key, UNKNOWN_PROPERTY)
  }
}

const UNKNOWN_PROPERTY = 'property is not defined in schema and the schema does not allow additional properties'

function checkRequires(
  rule: PropertyRule,
  values: Readonly<Record<string, ParameterValue>>,
  { version, errors, pathOf, name }: Context & { readonly pathOf: (name: string) => string; readonly name: string },
): void {
  const { requires } = rule
  if (requires === undefined || isDefined(own(values, requires))) return
  const path = pathOf(name)
  const text =
    version === '8.4' ? `missing property - '${path}' requires this property` : `missing property required by '${path}'`
  addError(errors, pathOf(requires), text)
}

/** A property for another instance type may be absent (in HA rules, for example). */
function applies(rule: PropertyRule, values: Readonly<Record<string, ParameterValue>>): boolean {
  const type = rule.typeProperty === undefined ? undefined : own(values, rule.typeProperty)
  return typeof type !== 'string' || rule.instanceTypes === undefined || rule.instanceTypes.includes(type)
}

function checkProperty(
  rule: PropertyRule,
  value: ParameterValue,
  context: Context & { readonly path: string; readonly applies: boolean },
): void {
  if (!isDefined(value)) {
    if (!rule.optional && rule.alias === undefined && context.applies) {
      addError(context.errors, context.path, 'property is missing and it is not optional')
    }
    return
  }
  const fault = typeFault(rule.type, value) ?? (Array.isArray(value) ? undefined : valueFault(rule, value, context))
  if (fault !== undefined) addError(context.errors, context.path, fault)
  else if (Array.isArray(value)) checkItems(rule, value, context)
}

function checkItems(
  rule: PropertyRule,
  values: readonly unknown[],
  context: Context & { readonly path: string },
): void {
  if (!rule.items) return
  for (const [index, value] of values.entries()) {
    const path = `${context.path}[${index}]`
    checkProperty(rule.items, value as ParameterValue, { ...context, path, applies: true })
  }
}

function typeFault(type: string | undefined, value: Exclude<ParameterValue, null | undefined>): string | undefined {
  if (type === undefined || type === 'any') return undefined
  if (type === 'array') return Array.isArray(value) ? undefined : "type check ('array') failed"
  const reference = referenceName(value)
  if (reference !== undefined) {
    if (type === 'boolean' && typeof value === 'boolean') return undefined
    return `type check ('${type}') failed - got ${reference}`
  }
  const text = `${value as string | number}`
  return TYPES[type]?.test(text) === false ? `type check ('${type}') failed - got '${text}'` : undefined
}

const TYPES: Readonly<Record<string, RegExp>> = {
  boolean: /^[01]$/,
  integer: /^[+-]?\d+\n?$/,
  number: /^[+-]?(\d+\.\d+|\d+\.|\.\d+|\d+)([eE][+-]?\d+)?\n?$/,
}

/** Perl's name for a value that is not plain text. */
function referenceName(value: Exclude<ParameterValue, null | undefined>): string | undefined {
  if (Array.isArray(value)) return 'ARRAY'
  if (typeof value === 'boolean') return 'JSON::PP::Boolean'
  return typeof value === 'object' ? 'HASH' : undefined
}

/** Returns the first error of a single value. Proxmox stops there too. */
function valueFault(
  rule: PropertyRule,
  value: Exclude<ParameterValue, null | undefined>,
  context: Context & { readonly path: string },
): string | undefined {
  if (typeof value === 'boolean' || typeof value === 'object') return undefined
  const text = String(value)
  const refused = rule.format === undefined ? undefined : formatRefusal(rule.format, text, context)
  if (refused !== undefined) return `invalid format - ${refused}`
  if (rule.pattern !== undefined && !perlPattern(rule.pattern).test(text)) {
    return 'value does not match the regex pattern'
  }
  return lengthFault(rule, text) ?? rangeFault(rule, text) ?? choiceFault(rule, text)
}

function lengthFault({ maxLength, minLength }: PropertyRule, text: string): string | undefined {
  const { length } = Array.from(text)
  if (maxLength !== undefined && length > maxLength) return `value may only be ${maxLength} characters long`
  if (minLength !== undefined && length < minLength) return `value must be at least ${minLength} characters long`
  return undefined
}

function rangeFault({ maximum, minimum }: PropertyRule, text: string): string | undefined {
  if (!TYPES.number?.test(text)) return undefined
  if (maximum !== undefined && Number(text) > maximum) return `value must have a maximum value of ${maximum}`
  if (minimum !== undefined && Number(text) < minimum) return `value must have a minimum value of ${minimum}`
  return undefined
}

function choiceFault({ enum: choices }: PropertyRule, text: string): string | undefined {
  if (!choices || choices.includes(text)) return undefined
  return `value '${text}' does not have a value in the enumeration '${choices.join(', ')}'`
}

function formatRefusal(
  format: string | PropertyRules,
  text: string,
  context: Context & { readonly path: string },
): string | undefined {
  if (typeof format !== 'string') return propertyStringRefusal(format, text, context)
  const named = propertyFormats[format]
  if (named) {
    return propertyStringRefusal(named.rules(context.version), text, context, (fields) =>
      named.check?.(fields, context.version),
    )
  }
  const [, name = format, kind] = /^(.*?)(?:-(list|opt))?$/.exec(format) ?? []
  const check = valueFormats[name]
  // Formats that only methods use which are not simulated.
  if (!check) return undefined
  if (kind === 'list') return firstRefusal(check, splitList(text), context.version)
  return kind === 'opt' && (text === '' || text === '0') ? undefined : check(text, context.version)
}

function firstRefusal(check: FormatCheck, texts: readonly string[], version: ProxmoxVersion): string | undefined {
  for (const text of texts) {
    const refusal = check(text, version)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function propertyStringRefusal(
  rules: PropertyRules,
  text: string,
  { version, path }: Context & { readonly path: string },
  check?: (fields: Readonly<Record<string, string>>) => string | undefined,
): string | undefined {
  const parsed = parsePropertyString(rules, text, version)
  if (isRefusal(parsed)) return parsed.refusal
  const errors: Errors = emptyTable()
  checkObject(rules, parsed.fields, { version, errors, path })
  const faults = Object.entries(errors)
  if (faults.length === 0) return check?.(parsed.fields)
  return `format error\n${faults.map(([key, fault]) => `${key}: ${fault}\n`).join('')}`
}

function isRefusal(parsed: object | Refusal): parsed is Refusal {
  return 'refusal' in parsed
}

/** Lists may be separated by commas, semicolons, white space, or by NUL if their items contain those. */
export function splitList(text: string): readonly string[] {
  if (text.includes('\0')) return text.split('\0')
  return text.split(/[\s,;]+/).filter((item) => item !== '')
}

const patterns = new Map<string, RegExp>()

/** Proxmox uses m/^$pattern$/: no parentheses around alternatives, and a newline may follow. */
function perlPattern(pattern: string): RegExp {
  const known = patterns.get(pattern) ?? new RegExp(`^${pattern}\\n?$`)
  patterns.set(pattern, known)
  return known
}

function addError(errors: Errors, path: string, text: string): void {
  // Two errors are joined with a backslash and an n: Proxmox quotes its newline, so it stays two characters.
  errors[path] = errors[path] === undefined ? text : `${errors[path]}\\n${text}`
}

function isDefined(value: ParameterValue): value is Exclude<ParameterValue, null | undefined> {
  return value !== null && value !== undefined
}

function own(values: Readonly<Record<string, ParameterValue>>, name: string): ParameterValue {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

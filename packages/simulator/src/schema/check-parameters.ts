// The entry point of the request rules: finds the method of a request and checks its parameters.
import { checkObject, checkVariants, type Errors, emptyTable, type ParameterValue } from './check-value.ts'
import { findRoute } from './find-route.ts'
import type { MethodRule, ProxmoxVersion } from './rules.ts'

/** A request as it arrived, unchecked. */
export type ParameterRequest = {
  readonly method: string
  /** The percent-decoded path after `/api2/json`. */
  readonly path: string
  /** Texts of a form or query (a list for a repeated key), or the values of a JSON body. */
  readonly parameters: Readonly<Record<string, ParameterValue>>
  readonly version: ProxmoxVersion
}

/** The result of Proxmox's checks before the method itself runs. */
export type CheckedRequest = {
  readonly route: {
    /** `/nodes/{node}/qemu/{vmid}` */
    readonly template: string
    readonly captures: Readonly<Record<string, string>>
    /** Permissions, process and node, as the API declares them. */
    readonly rule: MethodRule
  }
  /** Captures and parameters as text: booleans are `0` and `1`, lists for `-list` formats are joined with commas. */
  readonly values: Readonly<Record<string, string | readonly string[]>>
  /** Empty if all is valid, else the `errors` of `400 Parameter verification failed.` */
  readonly errors: Readonly<Errors>
  /** Set for a parameter without a value that no rule refused. Proxmox answers 500 with this text. */
  readonly failure?: string
}

/**
 * Checks a request like Proxmox: unknown and missing parameters, types, ranges, enumerations, patterns, formats and
 * property strings, all errors at once and with Proxmox's texts. Proxmox checks permissions before this: see
 * `findRoute`.
 * @returns `undefined` if there is no such method (501)
 */
export function checkParameters({ method, path, parameters, version }: ParameterRequest): CheckedRequest | undefined {
  const found = findRoute(method, path, version)
  if (!found) return undefined
  const { rule, captures } = found
  const route = { template: rule.template, captures, rule }
  const conflicts = conflictErrors(parameters, captures)
  if (conflicts) return { route, values: captures, errors: conflicts }

  const given = normaliseLists({ ...captures, ...parameters }, rule)
  const errors: Errors = emptyTable()
  if (rule.variants) checkVariants(rule.variants, given, { version, errors })
  else checkObject(rule.parameters, given, { version, errors, additional: rule.additional })
  const failure = Object.keys(errors).length === 0 ? undefinedValue(given) : undefined
  return { route, values: toTexts(given), errors, ...(failure === undefined ? {} : { failure }) }
}

function conflictErrors(
  parameters: ParameterRequest['parameters'],
  captures: Readonly<Record<string, string>>,
): Errors | undefined {
  for (const name of Object.keys(parameters).sort()) {
    const value = parameters[name]
    const text = typeof value === 'number' ? String(value) : value
    if (Object.hasOwn(captures, name) && text !== captures[name]) {
      return { [name]: 'duplicate parameter (already defined in URI) with conflicting values!' }
    }
  }
  return undefined
}

/** `{"delete":["a","b"]}` equals `delete=a,b`, and one `command=ls` is a list with one element. */
function normaliseLists(given: Record<string, ParameterValue>, rule: MethodRule): Record<string, ParameterValue> {
  for (const [name, value] of Object.entries(given)) {
    const { type, format } = (Object.hasOwn(rule.parameters, name) ? rule.parameters[name] : undefined) ?? {}
    if (Array.isArray(value) && type === 'string' && typeof format === 'string' && format.endsWith('-list')) {
      given[name] = value.join(',')
    } else if (type === 'array' && (typeof value === 'string' || typeof value === 'number') && value !== '') {
      given[name] = [String(value)]
    }
  }
  return given
}

function undefinedValue(given: Readonly<Record<string, ParameterValue>>): string | undefined {
  const name = Object.keys(given).find((key) => given[key] === null || given[key] === undefined)
  return name === undefined ? undefined : `unable to parse value of '${name}' - got undefined value`
}

function toTexts(given: Readonly<Record<string, ParameterValue>>): Record<string, string | readonly string[]> {
  const texts = emptyTable<string | readonly string[]>()
  for (const [name, value] of Object.entries(given)) {
    if (Array.isArray(value)) texts[name] = value.map(String)
    else if (typeof value === 'boolean') texts[name] = value ? '1' : '0'
    else if (value !== null && value !== undefined) texts[name] = typeof value === 'object' ? '' : String(value)
  }
  return texts
}

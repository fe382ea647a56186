// Reads inputs one by one and collects errors as sentences.

export type Environment = Readonly<Record<string, string | undefined>>

/** Returns the value of an input as the runner provides it, or an empty text. */
export function inputOf(environment: Environment, name: string): string {
  return (environment[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim()
}

export type Reader = ReturnType<typeof readerOf>

export function readerOf(environment: Environment, faults: string[]) {
  const text = (name: string) => inputOf(environment, name)
  const variable = (name: string) => (environment[name] ?? '').trim()
  return {
    text,
    /** Returns the value of an environment variable. */
    variable,
    withFallback: (name: string, fallback: string) => text(name) || variable(fallback),
    oneOf<Value extends string>(name: string, values: readonly [Value, ...Value[]]): Value {
      return this.choice(name, values) ?? values[0]
    },
    /** Returns undefined if the input is empty. */
    choice<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
      const value = text(name)
      if (value === '') return undefined
      const found = values.find((known) => known === value.toLowerCase())
      if (found === undefined) faults.push(`\`${name}\` must be one of ${values.join(', ')}, not \`${value}\`.`)
      return found
    },
    flag(name: string, otherwise = false): boolean {
      const value = text(name).toLowerCase()
      if (value !== '' && value !== 'true' && value !== 'false') {
        faults.push(`\`${name}\` must be \`true\` or \`false\`, not \`${value}\`.`)
      }
      return value === '' ? otherwise : value === 'true'
    },
    parsed<Value>(name: string, parse: (text: string) => Value | undefined, what: string): Value | undefined {
      if (text(name) === '') return undefined
      const value = parse(text(name))
      if (value === undefined) faults.push(`\`${name}\` must be ${what}, not \`${text(name)}\`.`)
      return value
    },
  }
}

// What leaves the program: words to standard error, data to standard output, and no secret in either.

const secrets = new Set<string>()
/** Shorter values are part of too many ordinary words to be told from them. */
const SHORTEST_SECRET = 4
/** Where documents hold sentences. What else they hold are names, numbers and ids, on which scripts rely. */
const PROSE = new Set(['message', 'hint', 'why', 'sentence', 'remedy', 'notes', 'changes'])

/** These texts are blotted out of everything that is said from now on. */
export function keepSecret(...texts: readonly (string | undefined)[]): void {
  for (const text of texts) if (text !== undefined && text.length >= SHORTEST_SECRET) secrets.add(text)
}

export function masked(text: string): string {
  return [...secrets].reduce((clean, secret) => clean.replaceAll(secret, '***'), text)
}

/** For people: as it stands, with its line ends. */
export function sayWords(text: string): void {
  process.stderr.write(masked(text))
}

/** For people as well, where the words are what was asked for: a listing, a script, a schema. */
export function writeText(text: string): void {
  process.stdout.write(masked(text))
}

/** For scripts: one document on one line. */
export function writeDocument(document: unknown): void {
  const text = JSON.stringify(document, (key, value: unknown) => (PROSE.has(key) ? maskedDeep(value) : value))
  process.stdout.write(`${text}\n`)
}

function maskedDeep(value: unknown): unknown {
  if (typeof value === 'string') return masked(value)
  return Array.isArray(value) ? value.map(maskedDeep) : value
}

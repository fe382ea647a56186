// Compares the rules with what a real server refused and accepted.
import { describe, expect, test } from 'vitest'
import { checkParameters } from '../../src/schema/index.ts'
import { type Exchange, readExchanges, readForm, recordingsAbsent } from '../recordings/recordings.ts'

// Errors of a method itself, after its parameters were accepted.
const BY_THE_METHOD = [
  'No such storage.',
  'unable to parse worker upid',
  'no such task',
  'wrong file extension',
  'invalid filename or wrong extension',
  'Only root may use this option.',
  /^unknown option '/,
  /^VM \d+ already exists$/,
  /^'import-from' requires special syntax/,
  / has wrong type '/,
  /^content type needs to be /,
]

type Refusal = { readonly errors: Readonly<Record<string, string>> }

const exchanges = recordingsAbsent === undefined ? readExchanges() : []

describe.skipIf(recordingsAbsent !== undefined)(`recorded requests${note(recordingsAbsent)}`, () => {
  const refused = exchanges.filter(
    ({ reason, status }) => status === 400 && reason.startsWith('Parameter verification'),
  )
  test.each(refused.map((exchange) => [title(exchange), exchange] as const))('refused alike: %s', (_, exchange) => {
    const { errors } = exchange.response as Refusal
    const expected = Object.fromEntries(Object.entries(errors).filter(([, text]) => !isByTheMethod(text)))
    expect(check(exchange)?.errors).toEqual(expected)
  })

  // The HTTP layer refuses an upload's field names before parameters are checked.
  const passed = exchanges.filter(
    ({ status, reason }) => [200, 403, 500].includes(status) && !reason.startsWith('wrong field name'),
  )
  test('requests that the server accepted pass the rules', () => {
    const wrong = passed.flatMap((exchange) => {
      const checked = check(exchange)
      if (checked && Object.keys(checked.errors).length === 0) return []
      return [{ request: title(exchange), errors: checked?.errors ?? 'no such method' }]
    })
    expect(wrong).toEqual([])
    expect(passed.length).toBeGreaterThan(900)
  })

  test('methods that the server did not implement are not in the rules', () => {
    const unknown = exchanges.filter(({ status, reason }) => status === 501 && reason.startsWith('Method '))
    expect(unknown.map(check).filter((checked) => checked !== undefined)).toEqual([])
    expect(unknown.length).toBeGreaterThan(2)
  })
})

function check({ method, path, headers, body }: Exchange) {
  const url = new URL(path, 'https://pve')
  const query = readForm(url.search.slice(1))
  const parameters = { ...readBody(method, headers, body ?? ''), ...query }
  const decoded = decodeURIComponent(url.pathname).replace(/^\/api2\/(json|extjs)/, '')
  return checkParameters({ method, path: decoded, parameters, version: '8.4' })
}

function readBody(
  method: string,
  headers: Exchange['headers'],
  body: string,
): Record<string, string | string[] | undefined> {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  if (type.includes('multipart')) return readUpload(body)
  if (method !== 'POST' && method !== 'PUT') return {}
  return type.includes('json') ? JSON.parse(body) : readForm(body)
}

/** The recordings contain uploads as text, which is enough for their fields and the name of their file. */
function readUpload(body: string): Record<string, string> {
  const fields: Record<string, string> = { tmpfilename: '/var/tmp/pveupload-0' }
  for (const part of body.split(/--+pyBoundary\w+\r?\n?/)) {
    const [, name = '', filename] = /name="?([^";]+)"?(?:; filename="([^"]*)")?/.exec(part) ?? []
    if (name !== '') fields[name] = filename ?? part.split(/\r?\n\r?\n/)[1]?.trimEnd() ?? ''
  }
  return fields
}

function isByTheMethod(text: string): boolean {
  return BY_THE_METHOD.some((known) => (typeof known === 'string' ? known === text : known.test(text)))
}

function title({ method, path, body }: Exchange): string {
  return `${method} ${path} ${(body ?? '').slice(0, 60)}`
}

function note(reason: string | undefined): string {
  return reason === undefined ? '' : ` (not run: ${reason})`
}

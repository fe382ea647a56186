// Writes what the simulator supports of Proxmox's API, from its own routes: the page docs/routes.md and the table in
// its README. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { absentEndpoints } from '../packages/simulator/src/api/absent.ts'
import { endpoints } from '../packages/simulator/src/api/endpoints.ts'
import { indexEndpoints } from '../packages/simulator/src/api/indexes.ts'
import { methodRules, type ProxmoxVersion } from '../packages/simulator/src/schema/rules.ts'

type Kind = 'simulated' | 'empty' | 'unknown'

interface Method {
  readonly name: string
  readonly path: string
  readonly kind: Kind
}

const versions: readonly ProxmoxVersion[] = ['9.2', '8.4']
const nodeFamilies =
  'apt capabilities ceph certificates disks firewall hardware lxc qemu replication scan sdn services storage tasks'

const keyOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`
/** The login is handled by the connection, before any method. */
const answered = new Set([...endpoints.map(keyOf), 'POST /access/ticket'])
const withoutAny = new Set([...absentEndpoints, ...indexEndpoints].map(keyOf))

function kindOf(key: string): Kind {
  if (withoutAny.has(key)) return 'empty'
  return answered.has(key) ? 'simulated' : 'unknown'
}

function methodsOf(version: ProxmoxVersion): readonly Method[] {
  const all = methodRules(version).map(({ method, template }) => ({ name: method, path: template }))
  return all
    .map(({ name, path }) => ({ name, path, kind: kindOf(`${name} ${path}`) }))
    .sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : one.name < other.name ? -1 : 1))
}

/** `/cluster/ha`, `/nodes/{node}/qemu`: the rows in the README and the page. */
function familyOf(path: string): string {
  const [first = '', second = '', third = ''] = path.split('/').slice(1)
  if (first === 'nodes') return nodeFamilies.split(' ').includes(third) ? `/nodes/{node}/${third}` : '/nodes'
  if (first === 'cluster' || first === 'access') return second === '' ? `/${first}` : `/${first}/${second}`
  return `/${first}`
}

const count = (methods: readonly Method[], kind: Kind): number => methods.filter((one) => one.kind === kind).length

function familyTable(methods: readonly Method[]): string {
  const rows = [...Map.groupBy(methods, ({ path }) => familyOf(path))].map(([family, some]) => {
    const counts = (['simulated', 'empty', 'unknown'] as const).map((kind) => count(some, kind) || '')
    return `| \`${family}\` | ${counts.join(' | ')} |`
  })
  const head = ['| family | simulated | as on an empty server | `501` |', '|---|---:|---:|---:|']
  return [...head, ...rows].join('\n')
}

function sentenceOf(version: ProxmoxVersion): string {
  const methods = methodsOf(version)
  const [simulated, empty, unknown] = (['simulated', 'empty', 'unknown'] as const).map((kind) => count(methods, kind))
  return (
    `Of the ${methods.length.toLocaleString('en')} methods of Proxmox VE ${version}'s API, ${simulated} are simulated, ${empty} answer ` +
    `as on a server without such objects, and ${unknown} check permission and parameters and then answer \`501\`.`
  )
}

function readmeBlock(): string {
  return [
    sentenceOf('9.2'),
    sentenceOf('8.4'),
    '',
    'The same by family, for 9.2; [docs/routes.md](docs/routes.md) lists each method:',
    '',
    familyTable(methodsOf('9.2')),
  ].join('\n')
}

const headings: readonly (readonly [Kind, string])[] = [
  ['simulated', 'Simulated'],
  ['empty', 'Answered as on a server without such objects, and lists of the paths below a path'],
  ['unknown', 'Not simulated: `501`, after permission and parameters are checked'],
]

/** `GET POST /pools`. A method of one version only is marked: `(9.2)`. */
function page(): string {
  const known = new Map<string, { readonly path: string; readonly kind: Kind; readonly names: Map<string, string[]> }>()
  for (const version of versions) {
    for (const { name, path, kind } of methodsOf(version)) {
      const key = `${kind} ${path}`
      const entry = known.get(key) ?? { path, kind, names: new Map<string, string[]>() }
      entry.names.set(name, [...(entry.names.get(name) ?? []), version])
      known.set(key, entry)
    }
  }
  const lines = (kind: Kind): string[] =>
    [...known.values()]
      .filter((entry) => entry.kind === kind)
      .sort((one, other) => (one.path < other.path ? -1 : 1))
      .map(({ path, names }) => {
        const methods = [...names].map(([name, of]) =>
          of.length === versions.length ? name : `${name} (${of.join()})`,
        )
        return `* \`${path}\` ${methods.join(', ')}`
      })
  const parts = headings.flatMap(([kind, title]) => [`## ${title}`, '', ...lines(kind), ''])
  return [
    '# Methods of the API',
    '',
    '*Made from the routes by `node scripts/simulator-docs.ts`. A version stands where only that one has the method.*',
    '',
    ...parts,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

const readme = 'packages/simulator/README.md'
const withBlock = readFileSync(readme, 'utf8').replace(
  /<!-- routes -->\n[\s\S]*?<!-- \/routes -->/,
  `<!-- routes -->\n${readmeBlock()}\n<!-- /routes -->`,
)
const wanted = [
  [readme, withBlock],
  ['packages/simulator/docs/routes.md', page()],
] as const

for (const [path, text] of wanted) {
  let before = ''
  try {
    before = readFileSync(path, 'utf8')
  } catch {
    // The file does not exist yet.
  }
  if (before === text) continue
  if (process.argv.includes('--check')) {
    console.error(`${path} is not what the routes say: node scripts/simulator-docs.ts`)
    process.exitCode = 1
  } else {
    writeFileSync(path, text)
    console.log(`written: ${path}`)
  }
}

import { describe, expect, it } from 'vitest'
import type { ProvisionError } from '../../../src/errors.ts'
import { type ManifestSource, type ParseOptions, parseManifest } from '../../../src/manifest/parse-manifest.ts'
import type { ManifestProblem } from '../../../src/manifest/read/read-yaml.ts'

const HEAD = `project: lab
images: { img: { url: "https://v.example/a.qcow2", checksum: "https://v.example/SUMS" } }
defaults: { image: img, node: pve1, storage: { images: local, disks: local-lvm } }
`
const ENVIRONMENT = {
  CORES: '4',
  START: 'true',
  NODE: 'pve2',
  ONE: '1',
  VERSION: '1.10',
  LIST: '[pve1, pve2]',
  EMPTY: '',
  PASSWORD: '12345',
  QUERY: 'a b/c',
  PVE_TOKEN_SECRET: 'x',
}

const read = (text: string | readonly ManifestSource[], options: ParseOptions = {}) =>
  parseManifest(typeof text === 'string' ? { text, file: 'm.yaml' } : text, { environment: ENVIRONMENT, ...options })
const vm = (words: string) => `${HEAD}vms: { web: { ${words} } }\n`

function problemsOf(...args: Parameters<typeof read>): readonly string[] {
  try {
    read(...args)
    return []
  } catch (thrown) {
    const { problems = [] } = (thrown as ProvisionError).details as { problems?: readonly ManifestProblem[] }
    return problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)
  }
}

describe('a parameter', () => {
  it('that is the whole value becomes a number, a boolean or a list where the key needs one, and otherwise a text', () => {
    const { desired, secrets } = read(
      vm(
        'cores: "${env:CORES}", start: "${env:START}", nodes: "${env:LIST}", tags: ["${env:ONE}", "v${env:VERSION}"], pool: "${env:VERSION}"',
      ),
    )
    expect(desired.machines[0]).toMatchObject({
      cpu: { cores: 4 },
      start: true,
      nodes: ['pve1', 'pve2'],
      tags: ['1', 'v1.10'],
      pool: '1.10',
    })
    expect(secrets).toEqual([])
  })

  it('may be inside a text, and is literal with two dollars', () => {
    expect(read(vm('tags: ["a-${env:NODE}-b"], pool: x')).desired.machines[0]?.tags).toEqual(['a-pve2-b'])
    expect(problemsOf(vm('node: "$${env:NODE}"'))[0]).toContain('must be the name of a node')
  })

  it.each([
    ['"${N}"', '`${N}` is not a parameter: write `${env:N}`, or two dollar signs for a literal dollar.'],
    ['"a-${ENV:N}"', '`${ENV:N}` is not a parameter: write `${env:N}`, or two'],
    ['"${env: N}"', '`${env: N}` is not a parameter: write `${env:N}`, or two'],
    ['"${env:N"', '`${env:N` is not closed: `}` is missing.'],
    ['"${env:N:-x}"', '`${env:N:-x}` is not supported, because parameters have no default: write `${var:N}`'],
    ['"${machine:name}"', '`${machine:name}` works only in a document with `fill: true`.'],
  ])('that is misspelt is refused: %s', (value, problem) => {
    expect(problemsOf(vm(`pool: ${value}`))).toEqual([expect.stringContaining(problem)])
  })

  it('that is misspelt in a password does not show the password', () => {
    expect(problemsOf(vm('cloudInit: { password: "${S3cret}x" }'))).toEqual([
      expect.stringMatching(/A `\$\{…\}` here is not a parameter: write `\$\{secret:NAME\}`, or two dollar signs/),
    ])
    const { desired } = read(vm('cloudInit: { password: "$${S3cret}x" }'))
    expect(desired.machines[0]?.cloudInit?.password).toBe('${S3cret}x')
  })

  it('that is misspelt in a document with parameters is refused, and other text in braces is unchanged', () => {
    const filled = (text: string) => vm(`cloudInit: { userData: { text: "#!/bin/sh\\n${text}", fill: true } }`)
    expect(problemsOf(filled('${env:NODE:-x}'))).toEqual([expect.stringContaining('parameters have no default')])
    expect(read(filled('${HOME:-x} $${HOME} ${env:NODE}')).desired.machines[0]?.cloudInit?.userData).toBe(
      '#!/bin/sh\n${HOME:-x} $${HOME} pve2',
    )
  })

  it('is not filled in in texts for the guest and in notes', () => {
    const text = '#ps1_sysnative\nWrite-Output "${env:ProgramFiles} ${env:NODE} ${secret:PASSWORD}"\n'
    const { desired } = read(
      vm(
        `description: ${JSON.stringify(text)}, cloudInit: { userData: ${JSON.stringify(text)}, vendorData: { text: ${JSON.stringify(text)} } }`,
      ),
    )
    expect(desired.machines[0]).toMatchObject({
      description: text.trim(),
      cloudInit: { userData: text, vendorData: text },
    })
  })

  it('is filled in, including secrets, in a document that requests it', () => {
    const text = '#!/bin/sh\n# ${env:NODE} ${secret:PASSWORD} ${var:size} $${env:NODE} ${HOME}\n'
    const { desired, secrets } = read(vm(`cloudInit: { userData: { text: ${JSON.stringify(text)}, fill: true } }`), {
      variables: { size: 'large' },
    })
    expect(desired.machines[0]?.cloudInit?.userData).toBe('#!/bin/sh\n# pve2 12345 large ${env:NODE} ${HOME}\n')
    expect(secrets).toEqual(['12345'])
  })

  it.each([
    ['that is not set', 'node: "${env:NOPE}"', 'The environment variable NOPE is not set: export NOPE=…'],
    ['that is empty', 'node: "${env:EMPTY}"', 'The environment variable EMPTY is empty: export EMPTY=…'],
    [
      'that belongs to the connection',
      'node: "${env:PVE_TOKEN_SECRET}"',
      '`PVE_TOKEN_SECRET` belongs to the connection or the runner, so a manifest may not read it. Use a variable of another name.',
    ],
    [
      'that belongs to the runner',
      'node: "${env:ACTIONS_ID_TOKEN_REQUEST_TOKEN}"',
      '`ACTIONS_ID_TOKEN_REQUEST_TOKEN` belongs to the connection or the runner, so a manifest may not read it. Use a variable of another name.',
    ],
    ...['GITHUB_PAT', 'GH_ENTERPRISE_TOKEN', 'GITEA_TOKEN', 'HTTPS_PROXY', 'all_proxy'].map(
      (name): [string, string, string] => [
        `that is called as a credential is: ${name}`,
        `node: "\${env:${name}}"`,
        `\`${name}\` belongs to the connection or the runner, so a manifest may not read it. Use a variable of another name.`,
      ],
    ),
    [
      'that belongs to the action',
      'cloudInit: { password: "${secret:INPUT_TOKEN_SECRET}" }',
      '`INPUT_TOKEN_SECRET` belongs to the connection or the runner, so a manifest may not read it. Use a variable of another name.',
    ],
    [
      'in a document',
      'cloudInit: { userData: { text: "#!/bin/sh ${env:NOPE}", fill: true } }',
      'The environment variable NOPE is not set: export NOPE=…',
    ],
  ])('%s is a problem with its position, without consequences', (_what, words, message) => {
    expect(problemsOf(vm(words))).toEqual([expect.stringMatching(/^m\.yaml:4:\d+ /)])
    expect(problemsOf(vm(words))[0]).toContain(message)
  })

  it('must be in the list of allowed names where there is one', () => {
    const options = { allow: ['CORES'] }
    expect(read(vm('cores: "${env:CORES}"'), options).desired.machines[0]?.cpu.cores).toBe(4)
    expect(problemsOf(vm('node: "${env:NODE}"'), options)[0]).toContain(
      'The manifest may not read NODE from the environment',
    )
  })

  it('that are not in the list are all in each hint, also of a text for the guest beside other errors', () => {
    const options = { allow: [], howToAllow: (names: readonly string[]) => `Allow ${names.join(' and ')}.` }
    const text = '{ text: "#!/bin/sh ${secret:PASSWORD}", fill: true }'
    const problems = problemsOf(vm(`node: "\${env:NODE}", cors: 2, cloudInit: { userData: ${text} }`), options)
    expect(problems).toEqual([
      expect.stringMatching(/may not read NODE .* Allow NODE and PASSWORD\.$/),
      expect.stringContaining('cors'),
      expect.stringMatching(/may not read PASSWORD .* Allow NODE and PASSWORD\.$/),
    ])
  })
})

describe('a secret', () => {
  it('may be in a password, and stays a text', () => {
    const { desired, secrets } = read(vm('cloudInit: { user: ops, password: "${secret:PASSWORD}" }'))
    expect(desired.machines[0]?.cloudInit?.password).toBe('12345')
    expect(secrets).toEqual(['12345'])
  })

  it('may be in the user, the password and the query of an address, percent-encoded', () => {
    const text = HEAD.replace(
      'https://v.example/a.qcow2',
      'https://u:${secret:QUERY}@v.example/a.qcow2?t=${secret:QUERY}',
    )
    const image = read(`${text}vms: {}\n`).desired.images.get('img')
    expect(image?.kind === 'address' && image.url.href).toBe('https://u:a%20b%2Fc@v.example/a.qcow2?t=a%20b%2Fc')
  })

  it.each([
    ['node: "${secret:PASSWORD}"', '`vms.web.node`'],
    ['cloudInit: { user: "${secret:PASSWORD}" }', '`vms.web.cloudInit.user`'],
    ['tags: ["x-${secret:PASSWORD}"]', '`vms.web.tags.0`'],
  ])('is refused where it would be shown: %s', (words, place) => {
    expect(problemsOf(vm(words))).toEqual([
      expect.stringContaining(`${place} cannot contain the secret PASSWORD, because it is shown`),
    ])
    expect(problemsOf(vm(words)).join()).not.toContain('12345')
  })

  it.each(['https://${secret:PASSWORD}.example/a', 'https://v.example/${secret:PASSWORD}/a'])(
    'cannot be the host or the path of an address: %s',
    (url) => {
      expect(problemsOf(`${HEAD.replace('https://v.example/a.qcow2', url)}vms: {}\n`)[0]).toContain(
        'in an address, only the user, the password and the query can contain a secret',
      )
    },
  )
})

describe('a variable', () => {
  const VARS = `vars: { size: 2 GiB, count: 3, nodes: [pve1, pve2], from: "\${env:NODE}", must: }\n${HEAD}`

  it('has the value of the manifest, as it is written there', () => {
    const { desired } = read(
      `${VARS}vms: { web: { count: "\${var:count}", memory: "\${var:size}", nodes: "\${var:nodes}", tags: ["n\${var:count}", "\${var:from}"] } }\n`,
    )
    expect(desired.machines).toHaveLength(3)
    expect(desired.machines[0]).toMatchObject({
      memory: { memoryMiB: 2048 },
      nodes: ['pve1', 'pve2'],
      tags: ['n3', 'pve2'],
    })
  })

  it('is replaced by a given value', () => {
    const text = `${VARS}vms: { web: { count: "\${var:count}", tags: ["\${var:must}"] } }\n`
    const { desired } = read(text, { variables: { count: '2', must: '7' } })
    expect(desired.machines.map(({ tags }) => tags)).toEqual([['7'], ['7']])
  })

  it.each([
    ['that has none', '${var:must}', 'The variable `must` has no value: set it with `--var must=…`.'],
    [
      'that is not there',
      '${var:sise}',
      'There is no variable `sise`: declare it under `vars`, or set it with `--var sise=…`. Did you mean `size`?',
    ],
    ['that is a list in a text', 'x${var:nodes}', 'The variable `nodes` is a list, so it can only be a whole value.'],
  ])('%s is a problem with its position', (_what, value, message) => {
    expect(problemsOf(`${VARS}vms: { web: { pool: "${value}" } }\n`)).toEqual([expect.stringContaining(message)])
  })

  it('is resolved where it is used: a replaced or unused one may refer to an unset variable', () => {
    const text = `vars: { a: "\${env:NOPE}", b: "\${env:NOPE}" }\n${HEAD}vms: { web: { pool: "\${var:a}" } }\n`
    expect(read(text, { variables: { a: 'lab' } }).desired.machines[0]?.pool).toBe('lab')
  })

  it('that refers to itself is a problem', () => {
    const text = `vars: { a: "x\${var:b}", b: "y\${var:a}" }\n${HEAD}vms: { web: { pool: "\${var:a}" } }\n`
    expect(problemsOf(text)).toEqual(['m.yaml:1:28 The variable `a` refers to itself.'])
  })

  it('that is given and not declared is a problem', () => {
    expect(() => read(`${VARS}vms: {}\n`, { variables: { cuont: '2' } })).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: 'Did you mean count?' }),
    )
  })
})

describe('several files', () => {
  const base = {
    file: 'base.yaml',
    text: `${HEAD}vms:\n  web: { cores: 2, tags: [a], cloudInit: { user: ops } }\n  db:\n`,
  }

  it('are merged: mappings by key, lists and values as a whole', () => {
    const prod = {
      file: 'prod.yaml',
      text: 'project: prod\nvms: { web: { cores: 8, tags: [b], cloudInit: { ip: dhcp } }, db: , new: {} }\n',
    }
    const { desired } = read([base, prod])
    expect(desired.project).toBe('prod')
    expect(desired.files).toEqual(['base.yaml', 'prod.yaml'])
    expect(desired.machines.map(({ name }) => name)).toEqual(['web', 'db', 'new'])
    expect(desired.machines[0]).toMatchObject({
      cpu: { cores: 8 },
      tags: ['b'],
      cloudInit: { user: 'ops', addresses: [{ ip: 'dhcp' }] },
      position: { file: 'prod.yaml', line: 2 },
    })
  })

  it('have their own problems, in their order', () => {
    const wrong = { file: 'wrong.yaml', text: 'vms:\n  web: { coers: 2, image: nope }\n' }
    expect(problemsOf([{ ...base, text: base.text.replace('cores: 2', 'cores: x') }, wrong])).toEqual([
      'base.yaml:5:17 `vms.web.cores` must be a whole number from 1 to 8192.',
      'wrong.yaml:2:10 `vms.web` has no key `coers`: did you mean `cores`?',
      'wrong.yaml:2:27 There is no image `nope`: known are `img`.',
    ])
    expect(
      problemsOf([
        { ...base, text: '[' },
        { ...wrong, text: 'vms: {\n' },
      ]).map((one) => one.split(':')[0]),
    ).toEqual(['base.yaml', 'wrong.yaml'])
  })

  it('resolve file names relative to themselves', () => {
    const asked: string[] = []
    const readFile = (path: string, from: string) => {
      asked.push(`${path} from ${from}`)
      return '#cloud-config\n{}\n'
    }
    const other = { file: 'sub/other.yaml', text: 'vms: { db: { cloudInit: { userData: { file: b.yml } } } }' }
    const first = { ...base, text: base.text.replace('user: ops', 'userData: { file: a.yml }') }
    read([first, other], { readFile })
    expect(asked).toEqual(['a.yml from base.yaml', 'b.yml from sub/other.yaml'])
  })
})

describe('YAML features', () => {
  it('merges mappings, with precedence for own keys', () => {
    const { desired } = read(
      `x-small: &small { cores: 2, memory: 2 GiB }\nx-pinned: &pinned { cores: 3, pool: lab }\n${HEAD}vms:\n  a: &a { <<: *small, memory: 4 GiB }\n  b: { <<: [*small, *pinned] }\n  c:\n    memory: 8 GiB\n    <<: *a\n`,
    )
    expect(desired.machines.map(({ cpu, memory, pool }) => [cpu.cores, memory.memoryMiB, pool])).toEqual([
      [2, 4096, undefined],
      [2, 2048, 'lab'],
      [2, 8192, undefined],
    ])
  })

  it('reports the position of a merged value', () => {
    expect(problemsOf(`x-a: &a { coers: 2 }\n${HEAD}vms: { web: { <<: *a } }\n`)).toEqual([
      'm.yaml:1:11 `vms.web` has no key `coers`: did you mean `cores`?',
    ])
  })

  it('reads an empty entry as an empty mapping', () => {
    const { desired } = read(`${HEAD}limits:\nvms:\n  web:\n  db:\n    cloudInit:\n`)
    expect(desired.machines.map(({ name }) => name)).toEqual(['web', 'db'])
  })
})

describe('a placeholder for secrets', () => {
  const standIn = (name: string) => `stand-in-for-${name}`

  it('replaces each of them without reading it, also where nothing may be read', () => {
    const options = { standIn, allow: [] }
    const { secrets } = read(vm('cloudInit: { password: "${secret:PASSWORD}" }'), options)
    expect(secrets).toEqual(['stand-in-for-PASSWORD'])
  })

  it('makes neither a parameter nor a reserved name accessible', () => {
    const words = 'tags: ["${env:NODE}"], cloudInit: { password: "${secret:PVE_TOKEN_SECRET}" }'
    const problems = problemsOf(vm(words), { standIn, allow: [] })
    expect(problems).toEqual([expect.stringContaining('not in the list'), expect.stringContaining('belongs to')])
  })
})

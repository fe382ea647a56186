// Plays a document: types its commands, writes its files, and compares what it shows with what is printed.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { text as bodyOf } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseDocument } from 'yaml'
import { runShellInTerminal } from './terminal.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** A fenced block: commands (`sh`), a manifest or a part of one (`yaml`), or what is printed (`text`). */
interface Block {
  readonly kind: 'sh' | 'yaml' | 'text'
  readonly text: string
  /** The line where it begins in the document. */
  readonly line: number
}

/** An event that a page describes and a player must cause: `<!-- play: NAME -->`. */
interface Cue {
  readonly kind: 'cue'
  readonly text: string
  readonly line: number
}

function partsOf(page: string): readonly (Block | Cue)[] {
  const pattern = /^```(sh|yaml|text)\n([\s\S]*?)^```$|^<!-- play: (.+) -->$/gm
  return [...page.matchAll(pattern)].map((match) => {
    const [, kind, text = '', cue] = match
    const line = page.slice(0, match.index).split('\n').length
    return cue === undefined ? { kind: kind as Block['kind'], text, line } : { kind: 'cue', text: cue, line }
  })
}

export interface Stage {
  /** The folder of its files, which is also the home of its user. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Names in the document, and what replaces them here. */
  readonly substitutes: ReadonlyMap<string, string>
  /** Names of simulated programs. */
  readonly programs: readonly string[]
  /** Runs one of them. Throws if it fails. */
  readonly run: (words: readonly string[]) => Promise<string>
}

export interface Played {
  readonly exitCode: number | null
  /** The screen and the lines above it, with the names of the document. */
  readonly lines: readonly string[]
}

export interface Player {
  /** Types these lines in a terminal with 80 columns. */
  shell(script: string): Promise<Played>
  /** Writes the file in its first line, or a manifest, or replaces the top-level keys of the existing one. */
  file(text: string): Promise<void>
  /** From now on, replaces this text by that one. */
  substitute(name: string, value: string): void
  close(): Promise<void>
}

export async function openPlayer(stage: Stage): Promise<Player> {
  const { folder } = stage
  const substitutes = new Map(stage.substitutes)
  const exported: string[] = []
  const bin = join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  const others = await serveOthers(stage)
  await writePrograms(bin, { others: others.url, names: stage.programs })
  const here = (text: string) => [...substitutes].reduce((all, [name, value]) => all.replaceAll(name, value), text)
  const there = (text: string) =>
    [...substitutes].reduce((all, [name, value]) => all.replaceAll(value, name), text.replaceAll(folder, '/home/you'))
  return {
    async shell(script) {
      const { PATH = '' } = process.env
      const { exitCode, lines } = await runShellInTerminal(`set -e\n${[...exported, here(script)].join('\n')}`, {
        cwd: folder,
        columns: 80,
        environment: { ...stage.environment, HOME: folder, PATH: `${bin}${delimiter}${PATH}` },
        type: answering(),
      })
      // Each block runs in a new shell, which lacks the variables of the one before.
      exported.push(...[...here(script).matchAll(/^export .*$/gm)].map(([line]) => line))
      return { exitCode, lines: lines.map((line) => there(line)) }
    },
    async file(text) {
      const [, name, body = ''] = /^# ([\w./-]+\.\w+)\n([\s\S]*)$/.exec(text) ?? []
      if (name !== undefined) {
        await mkdir(dirname(join(folder, name)), { recursive: true })
        return writeFile(join(folder, name), here(body))
      }
      const file = join(folder, 'pve-provision.yaml')
      if (/^project:/m.test(text)) return writeFile(file, here(text))
      const document = parseDocument(await readFile(file, 'utf8'))
      for (const [key, value] of Object.entries(parseDocument(here(text)).toJS())) document.set(key, value)
      return writeFile(file, document.toString())
    },
    substitute: (name, value) => void substitutes.set(name, value),
    close: () => others.close(),
  }
}

/** Answers each question once: with yes, or with the word that is asked for. */
function answering(): (written: string) => string | undefined {
  let answered = 0
  return (written) => {
    const asked = [...written.matchAll(/\[y\/N\] |Type (\S+) to continue: /g)]
    if (asked.length === answered) return undefined
    answered = asked.length
    return `${asked.at(-1)?.[1] ?? 'y'}\r`
  }
}

async function serveOthers({ run }: Stage) {
  const server = createServer((request, response) => {
    bodyOf(request)
      .then((body) => run(JSON.parse(body) as readonly string[]))
      .then((printed) => response.end(printed))
      .catch((thrown: Error) => response.writeHead(400).end(thrown.message))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function writePrograms(
  bin: string,
  { others, names }: { readonly others: string; readonly names: readonly string[] },
): Promise<void> {
  const program = (name: string, line: string) => writeFile(join(bin, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 })
  const script = join(bin, 'others.mjs')
  await writeFile(
    script,
    `const answer = await fetch(process.argv[2], { method: 'POST', body: JSON.stringify(process.argv.slice(3)) })
const text = await answer.text()
if (text) (answer.ok ? process.stdout : process.stderr).write(text + '\\n')
process.exitCode = answer.ok ? 0 : 1
`,
  )
  await program(
    'npx',
    `[ "$1" = pve-provision ] || exit 127\nshift\nexport npm_command=exec\nexec '${process.execPath}' '${PROGRAM}' "$@"`,
  )
  await Promise.all(names.map((name) => program(name, `exec '${process.execPath}' '${script}' ${others} ${name} "$@"`)))
}

/** Text that differs between runs and computers: times, sizes, digests of images and names of CDs. The page has `…` there. */
function plain(line: string): string {
  return line
    .replaceAll(/\b\d+(?:\.\d+)? (ms|s|min)\b/g, '… $1')
    .replaceAll(/… (?:ms|s|min)\b/g, '… s')
    .replaceAll(/\b\d+(?:\.\d+)? (?:B|KiB|MiB)\b/g, '… MiB')
    .replaceAll(/\b(sha\d{3}):[0-9a-f]+…/g, '$1:…')
    .replaceAll(/-seed-[0-9a-f]{16}\.iso/g, '-seed-….iso')
    .replace(/qemu-img version .*/, 'qemu-img version …')
    .trimEnd()
}

/** IDs of templates differ too, because they depend on the image's digest. */
function plainLines(lines: readonly string[]): string[] {
  let isTemplate = false
  return lines.map((line) => {
    isTemplate = line.trim() === 'Templates' || (isTemplate && line.trim() !== '')
    return isTemplate ? plain(line).replace(/ \((?:\d+|…) on /, ' (… on ') : plain(line)
  })
}

/** Finished steps. Their order differs between runs. */
function isStep(line: string): boolean {
  return /^✓ [a-z-]+:\S+ … s$/.test(line)
}

/** Returns the first line of a page that was not printed. A line with only `…` stands for any number of lines. */
function missingLine(shown: string, lines: readonly string[]): string | undefined {
  const printed = plainLines(lines).filter((line) => !isStep(line))
  const wanted = plainLines(shown.trimEnd().split('\n'))
  let at = -1
  let isAnywhere = true
  for (const line of wanted) {
    if (line === '…') {
      isAnywhere = true
      continue
    }
    const next = isAnywhere ? printed.indexOf(line, at + 1) : at + 1
    if (next === -1 || printed[next] !== line) return line
    at = next
    isAnywhere = false
  }
  return undefined
}

/**
 * Plays a page from its first line to its last.
 * @returns the page with the actual output
 */
export async function playPage(
  page: string,
  player: Player,
  {
    cue,
    check,
  }: {
    /** Causes the event that a cue names. */
    readonly cue: (name: string) => Promise<void>
    /** Called with the shown and the actual output. `wrong` is the first line that was not printed. */
    readonly check: (found: {
      readonly line: number
      readonly wrong: string | undefined
      readonly printed: string
    }) => void
  },
): Promise<string> {
  let lines: readonly string[] = []
  let updated = page
  for (const part of partsOf(page)) {
    if (part.kind === 'cue') await cue(part.text)
    else if (part.kind === 'yaml') await player.file(part.text)
    else if (part.kind === 'sh') {
      const played = await player.shell(part.text)
      lines = played.lines
      if (played.exitCode !== 0)
        check({ line: part.line, wrong: `exit code ${played.exitCode}`, printed: lines.join('\n') })
    } else {
      check({ line: part.line, wrong: missingLine(part.text, lines), printed: lines.join('\n') })
      const shown = shownOf(lines)
      updated = updated.replace(`\`\`\`text\n${part.text}\`\`\``, () => `\`\`\`text\n${shown}\`\`\``)
    }
  }
  return updated
}

/** Of output with a report, returns only the report. The lines before it are redrawn. */
function shownOf(lines: readonly string[]): string {
  const rows = plainLines(lines).filter((line) => !isStep(line))
  while (rows.at(-1) === '') rows.pop()
  const asked = rows.findLastIndex((row) => /\[y\/N\]|to continue:/.test(row))
  const shown = asked === -1 ? rows : [...rows.slice(0, asked + 1), '…', ...rows.slice(rows.indexOf('', asked) + 1)]
  return shown.map((row) => `${row}\n`).join('')
}

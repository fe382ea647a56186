// What the runner shows: lines, groups and annotations, without secrets. Foreign text cannot become a command of the runner here.
import * as core from '@actions/core'
import { redact } from './secrets.ts'

export interface Place {
  /** Relative to the workspace; absent for what is outside, which GitHub cannot show. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** The runner reads lines with .NET, which also ends them at a lone carriage return; terminals know yet more ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they end a line for some readers
const LINE_ENDS = /\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]/

/** A line of the log, or several. */
export function say(text: string): void {
  for (const line of redact(text).split(LINE_ENDS)) core.info(harmless(line))
}

export function debug(text: string): void {
  core.debug(oneLine(redact(text)))
}

/** Lines that are folded until somebody opens them. */
export function group(title: string, lines: readonly string[]): void {
  core.startGroup(harmless(oneLine(redact(title))))
  for (const line of lines) say(line)
  core.endGroup()
}

export function warning(text: string, title?: string): void {
  core.warning(redact(text), title === undefined ? {} : { title: redact(title) })
}

/** An error where the manifest stands, with what to do. */
export function annotate(title: string, text: string, place: Place = {}): void {
  core.error(redact(text), { title: redact(title), ...propertiesOf(place) })
}

/** A warning where the manifest stands. */
export function warnAt(title: string, text: string, place: Place): void {
  core.warning(redact(text), { title: redact(title), ...propertiesOf(place) })
}

function propertiesOf({ file, line, column }: Place): core.AnnotationProperties {
  return {
    ...(file !== undefined && { file }),
    ...(file !== undefined && line !== undefined && { startLine: line }),
    // A column without an end would mark the whole rest of the line.
    ...(file !== undefined && line !== undefined && column !== undefined && { startColumn: column, endColumn: column }),
  }
}

/** Hands a line to the runner as it is: only for commands of the cache's own client. */
export function command(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** The runner takes `::` at the beginning of a line, blanks of .NET aside, and `##[` anywhere in it, for commands. */
export function harmless(line: string): string {
  return line
    .replace(/^[\s\u0085\u180e\u200b\ufeff]*::/, (start) => `\u200b${start.replace(/^[^:]*/, '')}`)
    .replaceAll('##[', '##\u200b[')
}

function oneLine(text: string): string {
  return text.split(LINE_ENDS).join(' ')
}

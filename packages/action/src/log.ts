// Writes to the runner's log: lines, groups and annotations, without secrets. Foreign text cannot become a runner
// command.
import * as core from '@actions/core'
import { redact } from './secrets.ts'

export interface Place {
  /** Relative to the workspace. Absent for a file outside, which GitHub cannot show. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/**
 * The runner reads lines with .NET, which also treats a single carriage return as a line end. Terminals know more line
 * ends.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they end a line for some readers
const LINE_ENDS = /\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]/

/** Writes one or more lines to the log. */
export function say(text: string): void {
  for (const line of redact(text).split(LINE_ENDS)) core.info(harmless(line))
}

export function debug(text: string): void {
  core.debug(oneLine(redact(text)))
}

/** Writes lines that are folded until the user opens them. */
export function group(title: string, lines: readonly string[]): void {
  core.startGroup(harmless(oneLine(redact(title))))
  for (const line of lines) say(line)
  core.endGroup()
}

export function warning(text: string, title?: string): void {
  core.warning(redact(text), title === undefined ? {} : { title: redact(title) })
}

/** Writes an error at a position in the manifest. */
export function annotate(title: string, text: string, place: Place = {}): void {
  core.error(redact(text), { title: redact(title), ...propertiesOf(place) })
}

/** Writes a warning at a position in the manifest. */
export function warnAt(title: string, text: string, place: Place): void {
  core.warning(redact(text), { title: redact(title), ...propertiesOf(place) })
}

function propertiesOf({ file, line, column }: Place): core.AnnotationProperties {
  return {
    ...(file !== undefined && { file }),
    ...(file !== undefined && line !== undefined && { startLine: line }),
    // Without an end column, GitHub would mark the rest of the line.
    ...(file !== undefined && line !== undefined && column !== undefined && { startColumn: column, endColumn: column }),
  }
}

/** Passes a line to the runner unchanged. Use it only for commands of the cache client. */
export function command(line: string): void {
  process.stdout.write(`${line}\n`)
}

/**
 * Disables runner commands in a line: `::` at its start, after characters that .NET treats as white space, and `##[`
 * anywhere.
 */
export function harmless(line: string): string {
  return line
    .replace(/^[\s\u0085\u180e\u200b\ufeff]*::/, (start) => `\u200b${start.replace(/^[^:]*/, '')}`)
    .replaceAll('##[', '##\u200b[')
}

function oneLine(text: string): string {
  return text.split(LINE_ENDS).join(' ')
}

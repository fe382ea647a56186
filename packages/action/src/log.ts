// What the runner shows: lines, groups and annotations, without secrets. Foreign text cannot become a command of the runner here.
import * as core from '@actions/core'
import { redact } from './secrets.ts'

export interface Place {
  /** Relative to the workspace; absent for what lies outside, which GitHub cannot show. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** A line of the log, or several. */
export function say(text: string): void {
  for (const line of text.split(/\r?\n/)) core.info(harmless(redact(line)))
}

export function debug(text: string): void {
  core.debug(redact(text))
}

/** Lines that are folded until somebody opens them. */
export function group(title: string, lines: readonly string[]): void {
  core.startGroup(harmless(redact(title)))
  for (const line of lines) say(line)
  core.endGroup()
}

export function warning(text: string): void {
  core.warning(redact(text))
}

/** An error where the manifest stands, with what to do. */
export function annotate(title: string, text: string, { file, line, column }: Place = {}): void {
  core.error(redact(text), {
    title: redact(title),
    ...(file !== undefined && { file }),
    ...(file !== undefined && line !== undefined && { startLine: line }),
    // A column without an end would mark the whole rest of the line.
    ...(file !== undefined && line !== undefined && column !== undefined && { startColumn: column, endColumn: column }),
  })
}

/** Hands a line to the runner as it is: only for commands of the cache's own client. */
export function command(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** The runner takes `::` at the beginning of a line, blanks aside, and `##[` anywhere in it, for commands. */
export function harmless(line: string): string {
  return line.replace(/^\s*::/, (start) => `\u200b${start.trimStart()}`).replaceAll('##[', '##\u200b[')
}

// What the runner shows: lines, groups, annotations and masks. Foreign text cannot become a command of the runner here.
import * as core from '@actions/core'

export interface Place {
  /** Relative to the workspace; absent for what lies outside, which GitHub cannot show. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** Masks a text and each of its lines: a mask of several lines does not hold for one of them. */
export function mask(secret: string): void {
  for (const text of new Set([secret, ...secret.split(/\r?\n/)])) {
    if (text.trim() !== '') core.setSecret(text)
  }
}

/** A line of the log, or several. */
export function say(text: string): void {
  for (const line of text.split(/\r?\n/)) core.info(harmless(line))
}

export function debug(text: string): void {
  core.debug(text)
}

/** Lines that are folded until somebody opens them. */
export function group(title: string, lines: readonly string[]): void {
  core.startGroup(harmless(title))
  for (const line of lines) say(line)
  core.endGroup()
}

export function warning(text: string): void {
  core.warning(text)
}

/** An error where the manifest stands, with what to do. */
export function annotate(title: string, text: string, { file, line, column }: Place = {}): void {
  core.error(text, {
    title,
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

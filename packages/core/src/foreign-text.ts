// Text that is not ours: what Proxmox, a server, a program or a guest says. Cleaned once, where it comes in, so that no
// escape sequence reaches a terminal and no line break starts a line of its own in a log.

/** No sentence of Proxmox or a server needs more; more is cut before anything looks for a pattern in it. */
const MOST_CHARACTERS = 16 * 1024

export interface CleanOptions {
  /** Longer texts are cut, with an ellipsis. Default 16 Ki characters. */
  readonly most?: number | undefined
  /** Line breaks stay, as `\n`; else they become blanks. */
  readonly lines?: boolean | undefined
}

/** Escape sequences of terminals: CSI, then strings (OSC, DCS, …) to their end, then any other. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g
/** All that a reader somewhere takes for the end of a line: .NET and terminals know more of them than `\n`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: likewise
const LINE_BREAKS = /\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]/g
/** Controls, and marks that change the direction of what follows or are not seen. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: likewise
const CONTROLS = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** The text as it may be shown: no control characters, no escape sequences, one line (or several), of bounded length. */
export function cleanText(text: string, { most = MOST_CHARACTERS, lines = false }: CleanOptions = {}): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text
  return cut
    .toWellFormed()
    .replace(ESCAPES, '')
    .replace(LINE_BREAKS, lines ? '\n' : ' ')
    .replaceAll('\t', ' ')
    .replace(CONTROLS, '')
}

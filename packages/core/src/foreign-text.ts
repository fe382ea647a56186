// Cleans text from Proxmox, servers, programs and guests once, where it enters. So no escape sequence reaches a
// terminal, and no line break starts a new line in a log.

/** No useful message is longer. Longer text is cut before any pattern is applied to it. */
const MOST_CHARACTERS = 16 * 1024

/** Options for `cleanText`. */
export interface CleanOptions {
  /** Longer texts are cut, with an ellipsis. Default: 16 Ki characters. */
  readonly most?: number | undefined
  /** Keep line breaks, as `\n`. Otherwise they become spaces. */
  readonly lines?: boolean | undefined
}

/** Terminal escape sequences: CSI, then strings (OSC, DCS, …) up to their end, then any other. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters on purpose
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g
/** All characters that some reader treats as a line break. .NET and terminals support more than `\n`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const LINE_BREAKS = /\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]/g
/** Control characters, and characters that change the text direction or are invisible. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROLS = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** Makes text safe to display: no control characters or escape sequences, one line (or several), limited length. */
export function cleanText(text: string, { most = MOST_CHARACTERS, lines = false }: CleanOptions = {}): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text
  return cut
    .toWellFormed()
    .replace(ESCAPES, '')
    .replace(LINE_BREAKS, lines ? '\n' : ' ')
    .replaceAll('\t', ' ')
    .replace(CONTROLS, '')
}

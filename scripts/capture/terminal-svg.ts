// Formats a terminal screen as SVG: text that scales, can be read aloud, and is small.

const CELL = { width: 8.4, height: 19 }
const PADDING = 16
const COLOURS: Readonly<Record<string, string>> = { 31: '#f47067', 32: '#57ab5a', 33: '#c69026', 2: '#768390' }
const FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"

/** `screen` is the output of `tmux capture-pane -e -p`. */
export function terminalSvg(screen: string, title: string): string {
  const lines = screen.replaceAll('\r', '').trimEnd().split('\n')
  const columns = Math.max(...lines.map((line) => plain(line).length))
  const width = Math.ceil(columns * CELL.width + 2 * PADDING)
  const height = lines.length * CELL.height + 2 * PADDING
  const rows = lines.map(
    (line, index) =>
      `<text x="${PADDING}" y="${PADDING + 14 + index * CELL.height}" xml:space="preserve">${spans(line)}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="14" fill="#adbac7">
<title>${title}</title>
<rect width="100%" height="100%" rx="8" fill="#22272e"/>
${rows.join('\n')}
</svg>
`
}

function plain(line: string): string {
  return line.replaceAll(escapes(), '')
}

function escapes(): RegExp {
  return new RegExp(`${String.fromCharCode(27)}\\[([0-9;]*)m`, 'g')
}

/** Creates a span for each run of one color. */
function spans(line: string): string {
  let colour: string | undefined
  return line
    .split(escapes())
    .map((part, index) => {
      if (index % 2 === 0) return part === '' ? '' : span(part, colour)
      colour = colourOf(part, colour)
      return ''
    })
    .join('')
}

function colourOf(codes: string, before: string | undefined): string | undefined {
  const list = codes === '' ? ['0'] : codes.split(';')
  return list.reduce<string | undefined>(
    (colour, code) => (['0', '39', '22'].includes(code) ? undefined : (COLOURS[code] ?? colour)),
    before,
  )
}

function span(text: string, colour: string | undefined): string {
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return colour === undefined ? safe : `<tspan fill="${colour}">${safe}</tspan>`
}

// Formats terminal screens as one SVG: text that scales, can be read aloud, and is small. Its colours follow the theme of
// the browser.

const CELL = { width: 8.4, height: 19 }
const PADDING = 16
const CAPTION = 34
const GAP = 18
const FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
const CAPTION_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"

/** Names of the styles below, by the code of the terminal. */
const CLASSES: Readonly<Record<string, string>> = { 31: 'red', 32: 'green', 33: 'yellow', 2: 'dim' }

const STYLE = `<style>
  text { fill: #1f2328 } .caption { fill: #59636e } .pane { fill: #f6f8fa; stroke: #d1d9e0 }
  .red { fill: #cf222e } .green { fill: #1a7f37 } .yellow { fill: #9a6700 } .dim { fill: #59636e }
  @media (prefers-color-scheme: dark) {
    text { fill: #d1d7e0 } .caption { fill: #9198a1 } .pane { fill: #151b23; stroke: #3d444d }
    .red { fill: #f47067 } .green { fill: #57ab5a } .yellow { fill: #d29922 } .dim { fill: #9198a1 }
  }
</style>`

/** A screen is the output of `tmux capture-pane -e -p`. */
export interface Pane {
  readonly caption: string
  readonly screen: string
}

/** Puts the screens below each other. */
export function terminalSvg(panes: readonly Pane[], title: string): string {
  const all = panes.map(({ caption, screen }) => ({
    caption,
    lines: screen.replaceAll('\r', '').trimEnd().split('\n'),
  }))
  const columns = Math.max(...all.flatMap(({ lines }) => lines.map((line) => plain(line).length)))
  const width = Math.ceil(columns * CELL.width + 2 * PADDING)
  let top = 0
  const drawn = all.map((pane) => {
    const text = paneSvg(pane, { top, width })
    top += heightOf(pane.lines) + GAP
    return text
  })
  const height = top - GAP
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${FONT}" font-size="14">
<title>${title}</title>
${STYLE}
${drawn.join('\n')}
</svg>
`
}

function heightOf(lines: readonly string[]): number {
  return CAPTION + lines.length * CELL.height + 2 * PADDING
}

interface Place {
  readonly top: number
  readonly width: number
}

function paneSvg({ caption, lines }: { caption: string; lines: readonly string[] }, { top, width }: Place): string {
  const begin = top + CAPTION
  const rows = lines.map(
    (line, index) =>
      `<text x="${PADDING}" y="${begin + PADDING + 14 + index * CELL.height}" xml:space="preserve">${spans(line)}</text>`,
  )
  return [
    `<text x="2" y="${top + 22}" class="caption" font-family="${CAPTION_FONT}" font-size="15" font-weight="600">${caption}</text>`,
    `<rect x="0.5" y="${begin + 0.5}" width="${width - 1}" height="${heightOf(lines) - CAPTION - 1}" rx="8" class="pane"/>`,
    ...rows,
  ].join('\n')
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
    (colour, code) => (['0', '39', '22'].includes(code) ? undefined : (CLASSES[code] ?? colour)),
    before,
  )
}

function span(text: string, colour: string | undefined): string {
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return colour === undefined ? safe : `<tspan class="${colour}">${safe}</tspan>`
}

// Draws the chart: horizontal bars, readable on light and dark pages, as SVG that can be read aloud.

export interface Panel {
  readonly title: string
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly label: string
  /** Median and range, in seconds. */
  readonly seconds: number
  readonly lowest: number
  readonly highest: number
  readonly isOurs: boolean
}

const WIDTH = 860
const LABELS = 275
const VALUES = 90
const ROW = 24
const HEAD = 34
const GAP = 18
const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"

export function chart(title: string, panels: readonly Panel[]): string {
  let top = 8
  const parts = panels.map((panel) => {
    const part = panelSvg(panel, top)
    top += HEAD + panel.bars.length * ROW + GAP
    return part
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" role="img" font-family="${FONT}" font-size="13">
<title>${safe(title)}</title>
<style>
  text { fill: #1f2328 } .dim { fill: #59636e } .theirs { fill: #afb8c1 } .ours { fill: #1a7f37 } .range { stroke: #59636e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .dim { fill: #9198a1 } .theirs { fill: #57606a } .ours { fill: #3fb950 } .range { stroke: #9198a1 }
  }
</style>
${parts.join('\n')}
</svg>
`
}

function panelSvg({ title, bars }: Panel, top: number): string {
  const longest = Math.max(...bars.map(({ highest }) => highest))
  const scale = (WIDTH - LABELS - VALUES) / longest
  const rows = bars.map((bar, at) => barSvg(bar, { top: top + HEAD + at * ROW, scale }))
  return [`<text x="0" y="${top + 18}" font-weight="600" font-size="14">${safe(title)}</text>`, ...rows].join('\n')
}

function barSvg(
  { label, seconds, lowest, highest, isOurs }: Bar,
  { top, scale }: { readonly top: number; readonly scale: number },
): string {
  const at = (value: number) => rounded(LABELS + value * scale)
  const middle = top + ROW / 2
  const weight = isOurs ? ' font-weight="600"' : ''
  return [
    `<text x="${LABELS - 10}" y="${middle + 4}" text-anchor="end"${weight}>${safe(label)}</text>`,
    // Even the shortest bar must be visible.
    `<rect x="${LABELS}" y="${top + 4}" width="${rounded(Math.max(1.5, seconds * scale))}" height="${ROW - 8}" rx="2" class="${isOurs ? 'ours' : 'theirs'}"/>`,
    `<line x1="${at(lowest)}" y1="${middle}" x2="${at(highest)}" y2="${middle}" class="range" stroke-width="1.5"/>`,
    `<text x="${rounded(LABELS + highest * scale + 8)}" y="${middle + 4}" class="${isOurs ? '' : 'dim'}"${weight}>${inSeconds(seconds)} s</text>`,
  ].join('\n')
}

/** `0.26`, `5.3`, `118`. */
export function inSeconds(seconds: number): string {
  if (seconds >= 100) return seconds.toFixed(0)
  return seconds >= 10 ? seconds.toFixed(1) : seconds.toFixed(2)
}

function rounded(value: number): number {
  return Number(value.toFixed(1))
}

function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

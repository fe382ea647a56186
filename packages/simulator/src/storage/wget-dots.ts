// wget's progress with Proxmox's option `--progress=dot:giga`: a dot for each MiB, 32 dots on a line, then percent and
// speed.

const DOT_BYTES = 1024 ** 2
const DOTS_A_CLUSTER = 8
const DOTS_A_LINE = 32
/** 32 dots and the spaces between their clusters. */
const DOT_CELLS = 35

export interface Dots {
  /** Adds this many received bytes. */
  readonly add: (bytes: number) => void
  /** Ends the output. */
  readonly end: () => void
}

/** Writes each line when it is full, and the last one at the end, with the total time. */
export function createDots(totalBytes: number | undefined, log: (line: string) => void): Dots {
  const startedMs = performance.now()
  let bytes = 0
  let lines = 0
  const secondsSoFar = () => Math.max((performance.now() - startedMs) / 1000, 0.001)
  const line = (dots: number, tail: string) => {
    const from = `${(lines * DOTS_A_LINE * DOT_BYTES) / 1024}K`.padStart(7)
    const percent = totalBytes ? `${Math.floor((bytes / totalBytes) * 100)}%`.padStart(4) : '    '
    const speed = (bytes / secondsSoFar() / DOT_BYTES).toFixed(0).padStart(5)
    return `${from} ${clusters(dots).padEnd(DOT_CELLS)}${percent}${speed}M${tail}`
  }
  return {
    add(more) {
      const before = bytes
      bytes += more
      const full = (at: number) => Math.floor(at / DOT_BYTES / DOTS_A_LINE)
      if (full(bytes) === full(before) || bytes === totalBytes) return
      const left = totalBytes ? ` ${Math.ceil(((totalBytes - bytes) / bytes) * secondsSoFar())}s` : ''
      log(line(DOTS_A_LINE, left))
      lines = full(bytes)
    },
    end() {
      const dots = Math.floor(bytes / DOT_BYTES) - lines * DOTS_A_LINE
      log(line(Math.min(DOTS_A_LINE, dots), `=${secondsSoFar().toFixed(3)}s`))
    },
  }
}

function clusters(dots: number): string {
  return ('.'.repeat(dots).match(new RegExp(`.{1,${DOTS_A_CLUSTER}}`, 'g')) ?? []).join(' ')
}

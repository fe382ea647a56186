// Writes docs/images/apply.svg: the quickstart's `apply` in a real terminal (tmux): the plan, the live view, the result.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeImages } from '../quickstart/make-images.ts'
import { manifestText } from '../quickstart/manifest.ts'
import { startMirror } from '../quickstart/mirror.ts'
import { startSimulator } from '../quickstart/start-simulator.ts'
import { terminalSvg } from './terminal-svg.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const IMAGES = join(ROOT, '.cache', 'quickstart-disks')
const SIZE = ['-x', '92', '-y', '60']
const PATIENCE_MS = 60_000

const folder = mkdtempSync(join(tmpdir(), 'capture-'))
await makeImages(IMAGES, console.log)
const mirror = await startMirror(IMAGES, 12 * 1024 ** 2)
const simulator = await startSimulator(join(folder, 'simulator'))
try {
  writeFileSync(join(folder, 'pve-provision.yaml'), manifestText(mirror.url))
  writeFileSync(join(folder, 'rc'), variables())
  tmux('new-session', '-d', ...SIZE, '-c', folder, 'sh')
  await type('. ./rc; clear', (screen) => screen.trim() === '$')
  const plan = await type('pve-provision apply', (screen) => screen.includes('[y/N]'))
  const live = await type('y', isWorthSeeing)
  const result = await until((screen) => /^(?:Done|Finished)[^\n]*\n[\s\S]*^\$/m.test(plain(screen)))
  const panes = [
    { caption: '1. The plan', screen: plan },
    { caption: '2. While it runs', screen: after(live, '[y/N]') },
    { caption: '3. The result', screen: resultOf(result) },
  ]
  const title = 'pve-provision apply in a terminal: the plan, the live view and the result'
  writeFileSync(join(ROOT, 'docs/images/apply.svg'), terminalSvg(panes, title))
  console.log('written: docs/images/apply.svg')
} finally {
  tmux('kill-server')
  await simulator.stop()
  await mirror.close()
  rmSync(folder, { recursive: true, force: true })
}

/** Uses a separate tmux server, so that other sessions are not affected. */
function tmux(...args: readonly string[]): string {
  return execFileSync('tmux', ['-S', join(folder, 'tmux'), '-f', '/dev/null', ...args], { encoding: 'utf8' })
}

function variables(): string {
  const { PATH = '' } = process.env
  const program = join(folder, 'pve-provision')
  const script = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'packages/cli/dist/main.js')}' "$@"\n`
  writeFileSync(program, script, { mode: 0o755 })
  const values = {
    PATH: `${folder}:${PATH}`,
    PVE_ENDPOINT: simulator.endpoint,
    PVE_FINGERPRINT: simulator.fingerprint,
    PVE_TOKEN_ID: simulator.tokenId,
    PVE_TOKEN_SECRET: simulator.tokenSecret,
    PVE_PROVISION_CACHE: join(folder, 'cache'),
  }
  return Object.entries({ ...values, PS1: '$ ' })
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join('')
}

/** Types a line and waits for its effect. Returns the screen. */
async function type(line: string, isReached: (screen: string) => boolean): Promise<string> {
  tmux('send-keys', line, 'Enter')
  return until(isReached)
}

async function until(isReached: (screen: string) => boolean): Promise<string> {
  const endMs = performance.now() + PATIENCE_MS
  while (performance.now() < endMs) {
    await delay(150)
    const screen = tmux('capture-pane', '-e', '-p')
    if (isReached(screen)) return screen
  }
  throw new Error(`The screen never came:\n${tmux('capture-pane', '-p')}`)
}

/** The lines below the one with this text. */
function after(screen: string, text: string): string {
  const lines = screen.split('\n')
  return lines.slice(lines.findIndex((line) => line.includes(text)) + 1).join('\n')
}

/** The lines below the last finished step, without the prompt. */
function resultOf(screen: string): string {
  const lines = screen.trimEnd().split('\n')
  const begin = lines.findLastIndex((line) => /^[✓=✗]/.test(plain(line))) + 1
  return lines.slice(begin, -1).join('\n').replace(/^\n+/, '')
}

function plain(line: string): string {
  return line.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')
}

/** Some steps are done, and others show their progress. */
function isWorthSeeing(screen: string): boolean {
  const bars = screen.match(/━┄/g) ?? []
  return screen.includes('✓') && bars.length >= 2
}

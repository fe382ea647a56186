// Our side of a race as people get it: the command line is one bundle, and finding two hundred modules takes its time.
import { execFileSync } from 'node:child_process'
import { basename, dirname, join } from 'node:path'

/** Bundles a compiled program of the benchmark, beside it. @returns the bundle's path */
export function bundle(program: string): string {
  const to = join(dirname(program), 'bundled', basename(program).replace(/\.js$/, '.mjs'))
  rolldown(program, to)
  rolldown(WORKER, join(dirname(to), basename(WORKER)))
  return to
}

/** Threads that convert a qcow2 load it from beside the program. */
const WORKER = join(import.meta.dirname, '../../packages/core/src/codecs/qcow2/qcow2-worker.js')

function rolldown(program: string, to: string): void {
  const how = ['--platform', 'node', '--format', 'esm', '--minify', '--no-codeSplitting', '--file', to]
  execFileSync(join(process.cwd(), 'node_modules/.bin/rolldown'), [program, ...how], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

// Bundles our side of a comparison as users get it. The command line is one bundle, because loading two hundred modules
// takes time.
import { execFileSync } from 'node:child_process'
import { basename, dirname, join } from 'node:path'

/** Bundles a compiled program of the benchmark, next to it. @returns the path of the bundle */
export function bundle(program: string): string {
  const to = join(dirname(program), 'bundled', basename(program).replace(/\.js$/, '.mjs'))
  rolldown(program, to)
  rolldown(WORKER, join(dirname(to), basename(WORKER)))
  return to
}

/** Threads that convert a qcow2 load this file from the folder of the program. */
const WORKER = join(import.meta.dirname, '../../packages/core/src/codecs/qcow2/qcow2-worker.js')

function rolldown(program: string, to: string): void {
  const how = ['--platform', 'node', '--format', 'esm', '--minify', '--no-codeSplitting', '--file', to]
  execFileSync(join(process.cwd(), 'node_modules/.bin/rolldown'), [program, ...how], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

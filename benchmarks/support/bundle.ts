// Our side of a race as people get it: the command line is one bundle, and finding two hundred modules takes its time.
import { execFileSync } from 'node:child_process'
import { basename, dirname, join } from 'node:path'

/** Bundles a compiled program of the benchmark, beside it. @returns the bundle's path */
export function bundle(program: string): string {
  const to = join(dirname(program), 'bundled', basename(program).replace(/\.js$/, '.mjs'))
  const how = ['--platform', 'node', '--format', 'esm', '--minify', '--no-codeSplitting', '--file', to]
  execFileSync(join(process.cwd(), 'node_modules/.bin/rolldown'), [program, ...how], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return to
}

// The entry point of the single executable. It contains Node, so it needs no version check and no compile cache.
import { VERSION } from './version.ts'

if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${VERSION}\n`)
} else {
  // A single executable runs CommonJS, which has no top-level `await`.
  void import('./cli.ts').then(async ({ main }) => {
    process.exitCode = await main(process.argv.slice(2))
  })
}

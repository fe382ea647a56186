// The entry of the single executable. Node is inside it: there is no version to check and no compile cache to fill.
import { VERSION } from './version.ts'

if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${VERSION}\n`)
} else {
  // A single executable runs CommonJS, which has no `await` at the top.
  void import('./cli.ts').then(async ({ main }) => {
    process.exitCode = await main(process.argv.slice(2))
  })
}

// Removes output folders of the package in which it runs, on every system, because a moved file leaves its old output
// behind.
//
// Usage: node ../../scripts/clean.mjs FOLDER…
import { rmSync } from 'node:fs'

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true })

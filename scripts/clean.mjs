// Removes folders of the package it is run in, on every system: a file that was moved leaves its old output behind.
// Usage: node ../../scripts/clean.mjs FOLDER…
import { rmSync } from 'node:fs'

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true })

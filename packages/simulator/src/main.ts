#!/usr/bin/env node
// The program's first step, in words that every Node understands: is this one new enough for the rest?
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(`pve-simulator needs Node 22.15 or newer; this is ${process.versions.node}.\n`)
  process.exit(64)
}

await import('./program.ts')

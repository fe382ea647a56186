#!/usr/bin/env node
// The program's entry point. It uses only syntax that every Node supports, to check the version of Node.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(`pve-simulator needs Node 22.15 or newer; this is ${process.versions.node}.\n`)
  process.exit(64)
}

await import('./program.ts')

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'rolldown'
import { bundledCode, writeNotices } from '../../scripts/third-party.mjs'

/** What the package and the single executable share. */
export const bundle = {
  cwd: import.meta.dirname,
  platform: 'node',
  external: [/^node:/],
  // proxmox-api's own engine alone uses it, and ours takes its place: half of the start would go into loading it.
  resolve: { alias: { undici: fileURLToPath(new URL('src/no-undici.ts', import.meta.url)) } },
}

const program = defineConfig({
  ...bundle,
  input: { main: 'src/main.ts' },
  // A small entry before the rest: `--version` loads nothing else.
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    minify: true,
    banner: '#!/usr/bin/env node',
    chunkFileNames: '[name].js',
  },
  plugins: [bundledCode(writeNotices)],
})

/** Threads that convert a qcow2 load it from beside the program (core's codecs/qcow2/convert-qcow2.ts). */
const worker = defineConfig({
  cwd: import.meta.dirname,
  input: '../core/dist/codecs/qcow2/qcow2-worker.js',
  platform: 'node',
  external: [/^node:/],
  output: { file: 'dist/qcow2-worker.js', format: 'esm', minify: true },
})

export default [program, worker]

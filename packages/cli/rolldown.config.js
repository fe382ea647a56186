import { defineConfig } from 'rolldown'
import { lightClients } from '../../scripts/light-clients.mjs'
import { bundledCode, writeNotices } from '../../scripts/third-party.mjs'

/** Settings that the package and the single executable share. */
export const bundle = {
  cwd: import.meta.dirname,
  platform: 'node',
  plugins: [lightClients],
}

const program = defineConfig({
  ...bundle,
  input: { main: 'src/main.ts' },
  // A small entry file that loads the rest, so that `--version` loads nothing else.
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    minify: true,
    banner: '#!/usr/bin/env node',
    chunkFileNames: '[name].js',
  },
  plugins: [...bundle.plugins, bundledCode(writeNotices)],
})

/** The file of the threads that convert a qcow2. It must be beside the program (core's codecs/qcow2/convert-qcow2.ts). */
const worker = defineConfig({
  cwd: import.meta.dirname,
  input: '../core/dist/codecs/qcow2/qcow2-worker.js',
  platform: 'node',
  external: [/^node:/],
  output: { file: 'dist/qcow2-worker.js', format: 'esm', minify: true },
})

export default [program, worker]

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
  // A small entry file that loads the rest, so that `--version` loads nothing else. Each command has a file, and so has what
  // only some runs need, such as downloads. `test/start.test.ts` lists what a run with nothing to do loads.
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    minify: true,
    // Node keeps a source with a wider character in memory with two bytes for each.
    charset: 'ascii',
    banner: '#!/usr/bin/env node',
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: [
        // The entry file reads it before Node's compile cache is on, so it must not be in the shared file.
        { name: 'version', test: /[\\/]cli[\\/](?:src[\\/]version\.ts|package\.json)$/ },
        // One file for what most commands use, because each further file takes a millisecond.
        { name: 'shared', test: /[\\/]cli[\\/]src[\\/]/, minShareCount: 2 },
        { name: 'shared', minShareCount: 5 },
      ],
    },
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

import { defineConfig } from 'rolldown'
import { lightClients } from '../../scripts/light-clients.mjs'
import { bundledCode } from '../../scripts/third-party.mjs'

const program = defineConfig({
  input: { index: 'src/main.ts' },
  platform: 'node',
  // A small entry file loads what the step needs: half of the code is for the cache client and for signatures.
  // Not minified, because reviewers read the diff of these committed files.
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    chunkFileNames: '[name].js',
    minify: false,
  },
  // The licenses are beside the bundle, and committed with it.
  plugins: [
    lightClients,
    bundledCode((plugin, source) => plugin.emitFile({ type: 'asset', fileName: 'licenses.txt', source })),
  ],
})

/** The file of the threads that convert a qcow2. It must be beside the program (core's codecs/qcow2/convert-qcow2.ts). */
const worker = defineConfig({
  input: '../core/dist/codecs/qcow2/qcow2-worker.js',
  platform: 'node',
  external: [/^node:/],
  output: { file: 'dist/qcow2-worker.js', format: 'esm', minify: false },
})

export default [program, worker]

import { defineConfig } from 'rolldown'
import { bundledCode } from '../../scripts/third-party.mjs'

const program = defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  external: [/^node:/],
  // Not minified, because reviewers read the diff of this committed file.
  output: { file: 'dist/index.js', format: 'esm', codeSplitting: false, minify: false },
  // Beside the bundle, and committed with it.
  plugins: [bundledCode((plugin, source) => plugin.emitFile({ type: 'asset', fileName: 'licenses.txt', source }))],
})

/** The file of the threads that convert a qcow2. It must be beside the program (core's codecs/qcow2/convert-qcow2.ts). */
const worker = defineConfig({
  input: '../core/dist/codecs/qcow2/qcow2-worker.js',
  platform: 'node',
  external: [/^node:/],
  output: { file: 'dist/qcow2-worker.js', format: 'esm', minify: false },
})

export default [program, worker]

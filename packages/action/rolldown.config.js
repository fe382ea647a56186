import { defineConfig } from 'rolldown'
import { bundledLicenses } from '../../scripts/licenses.mjs'

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  external: [/^node:/],
  // Not minified: reviewers read the difference of this committed file.
  output: { file: 'dist/index.js', format: 'esm', codeSplitting: false, minify: false },
  // Beside the bundle, where it is committed with it.
  plugins: [bundledLicenses((plugin, source) => plugin.emitFile({ type: 'asset', fileName: 'licenses.txt', source }))],
})

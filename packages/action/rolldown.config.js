import { defineConfig } from 'rolldown'

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  external: [/^node:/],
  // Not minified: reviewers read the difference of this committed file.
  output: { file: 'dist/index.js', format: 'esm', codeSplitting: false, minify: false },
})

import { defineConfig } from 'rolldown'

export default defineConfig({
  input: { main: 'src/main.ts' },
  platform: 'node',
  external: [/^node:/],
  output: { dir: 'dist', format: 'esm', banner: '#!/usr/bin/env node' },
})

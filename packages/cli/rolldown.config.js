import { defineConfig } from 'rolldown'
import { bundledLicenses, writeNotices } from '../../scripts/licenses.mjs'

export default defineConfig({
  input: { main: 'src/main.ts' },
  platform: 'node',
  external: [/^node:/],
  // proxmox-api's own engine alone uses it, and ours takes its place: half of the start would go into loading it.
  resolve: { alias: { undici: new URL('src/no-undici.ts', import.meta.url).pathname } },
  // A small entry before the rest: `--version` loads nothing else.
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    minify: true,
    banner: '#!/usr/bin/env node',
    chunkFileNames: '[name].js',
  },
  plugins: [bundledLicenses(writeNotices)],
})

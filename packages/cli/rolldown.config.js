import { fileURLToPath } from 'node:url'
import { defineConfig } from 'rolldown'
import { bundledLicenses, writeNotices } from '../../scripts/licenses.mjs'

/** What the package and the single executable share. */
export const bundle = {
  cwd: import.meta.dirname,
  platform: 'node',
  external: [/^node:/],
  // proxmox-api's own engine alone uses it, and ours takes its place: half of the start would go into loading it.
  resolve: { alias: { undici: fileURLToPath(new URL('src/no-undici.ts', import.meta.url)) } },
}

export default defineConfig({
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
  plugins: [bundledLicenses(writeNotices)],
})

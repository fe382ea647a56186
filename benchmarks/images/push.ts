// Our side of an upload, in a separate process: a file, or directly from the vendor. The cluster is in the environment.
//
// Usage: push.js file PATH BYTES SHA256 | push.js stream URL BYTES SHA256
import { createReadStream } from 'node:fs'
import { systemClock } from '../../packages/core/src/ports/clock.ts'
import { createHttp } from '../../packages/core/src/ports/http/create-http.ts'
import { createMeter } from '../../packages/core/src/ports/meter.ts'
import { createPve } from '../../packages/core/src/ports/pve/create-pve.ts'

const [how = 'file', from = '', size = '0', sha256 = ''] = process.argv.slice(2)
const { PVE_ENDPOINT = '', PVE_FINGERPRINT = '', PVE_TOKEN_ID = '', PVE_TOKEN_SECRET = '' } = process.env
const sizeBytes = Number(size)
const meter = createMeter()
const http = createHttp({ directory: '/nonexistent', clock: systemClock, meter })
const pve = createPve({
  endpoints: [new URL(PVE_ENDPOINT)],
  credentials: { tokenId: PVE_TOKEN_ID, tokenSecret: PVE_TOKEN_SECRET },
  trust: { fingerprint: PVE_FINGERPRINT },
  clock: systemClock,
  meter,
})
await pve.upload({
  at: { node: 'pve1', storage: 'local' },
  content: 'import',
  fileName: `push-${how}-${sizeBytes}.raw`,
  sizeBytes,
  checksum: { algorithm: 'sha256', hex: sha256 },
  open: () =>
    how === 'file'
      ? createReadStream(from, { highWaterMark: 1024 * 1024 })
      : http.stream({ urls: [new URL(from)], digest: `sha256:${sha256}`, expectedBytes: sizeBytes }),
})
pve.close()

// Our side of the comparison, in a separate process.
//
// Usage: fetch.js DIRECTORY CONNECTIONS store|file|find|verify URL SHA256 [URL SHA256 …]
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../packages/core/src/ports/clock.ts'
import { createHttp } from '../../packages/core/src/ports/http/create-http.ts'
import { createMeter } from '../../packages/core/src/ports/meter.ts'
import { createStore } from '../../packages/core/src/ports/store/store.ts'

const [directory = '', connections = '1', how = 'store', ...rest] = process.argv.slice(2)
const images = rest.flatMap((url, at) =>
  at % 2 === 0 ? [{ url: new URL(url), digest: `sha256:${rest[at + 1]}` as const }] : [],
)
const meter = createMeter()
const limits = { perHost: 64, connectionsPerImage: Number(connections) }
const http = createHttp({ directory: join(directory, 'documents'), clock: systemClock, meter, limits })
const store = createStore({ directory, clock: systemClock })

mkdirSync(directory, { recursive: true })
await Promise.all(
  images.map(async ({ url, digest }, at) => {
    const fetchTo = async (to: string): Promise<void> => void (await http.download({ urls: [url], digest, to }))
    if (how === 'file') await fetchTo(join(directory, `image-${at}`))
    else if (how === 'store') await store.ensure(digest, fetchTo)
    else if (how === 'find' && (await store.find(digest)) === undefined) throw new Error(`${digest} is not there`)
    else if (how === 'verify' && !(await store.verify(digest))) throw new Error(`${digest} is not whole`)
  }),
)
console.log(JSON.stringify(meter.read()))

// Measures the simulator at scale: 16 nodes, 1,000 machines with disks; memory, and requests a second over eight
// connections.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { json: { type: 'string' } } })
const nodes = Array.from({ length: 16 }, (_, index) => `pve${index + 1}`)
const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const options = ['--listen', '127.0.0.1:0', '--latency', 'instant', '--nodes', nodes.join(','), '--machines', '1000']

const startedAt = performance.now()
const server = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
// Stop the server in every case.
process.on('exit', () => server.kill())
const [line] = await once(createInterface({ input: server.stdout }), 'line')
const { endpoint, tokenId, tokenSecret } = JSON.parse(line)
const figures = [
  { name: 'start with 1,000 machines', value: Math.round(performance.now() - startedAt), unit: 'ms', ok: true },
]

// A daemon's answer contains both `close` and `Keep-Alive`, and the connection stays open. Node's own client would
// close it, so this client parses answers itself. The server is a child process on loopback, so its certificate is not
// checked.
function connection() {
  const { hostname, port } = new URL(endpoint)
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false })
  let head = ''
  let missing = 0
  let served = 0
  let settle
  socket.on('data', (chunk) => {
    let rest = chunk.length
    if (missing === 0) {
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      missing = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      rest = head.length - end - 4
    }
    missing -= rest
    if (missing > 0) return
    const status = head.slice(9, 12)
    head = ''
    settle.resolve(status)
  })
  socket.on('error', (error) => settle?.reject(error))
  return {
    send: (method, path) => {
      settle = Promise.withResolvers()
      served += 1
      const head = `${method} /api2/json${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: PVEAPIToken=${tokenId}=${tokenSecret}`
      socket.write(`${head}\r\nContent-Length: 0\r\n\r\n`)
      return settle.promise
    },
    isSpent: () => served >= 100,
    end: () => socket.destroy(),
  }
}

async function perSecond(count, next) {
  const from = performance.now()
  let sent = 0
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      let line = connection()
      while (sent < count) {
        sent += 1
        const [method, path] = next(sent)
        const status = await line.send(method, path)
        if (status !== '200') throw new Error(`${method} ${path}: ${status}`)
        if (!line.isSpent()) continue
        line.end()
        line = connection()
      }
      line.end()
    }),
  )
  return Math.round((count / (performance.now() - from)) * 1000)
}

const questions = [
  ['GET /version', 2000, () => ['GET', '/version']],
  [
    'GET config of any machine',
    2000,
    (n) => ['GET', `/nodes/pve${((n % 1000) % 16) + 1}/qemu/${1000 + (n % 1000)}/config`],
  ],
  ['GET list of a node', 1000, (n) => ['GET', `/nodes/pve${(n % 16) + 1}/qemu`]],
  ['GET all machines of the cluster', 300, () => ['GET', '/cluster/resources?type=vm']],
  [
    'POST start of a machine',
    400,
    (n) => ['POST', `/nodes/pve${(((n % 500) * 2 + 1) % 16) + 1}/qemu/${1000 + (n % 500) * 2 + 1}/status/start`],
  ],
]
for (const [name, count, next] of questions) {
  const value = await perSecond(count, next)
  figures.push({ name, value, unit: 'requests/s', target: 200, ok: value >= 200 })
}
const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]
const mebibytes = Math.round(Number(resident) / 1024)
figures.push({
  name: 'memory of the server, after all that',
  value: mebibytes,
  unit: 'MiB',
  target: 300,
  ok: mebibytes <= 300,
})

server.kill('SIGTERM')
await once(server, 'exit')
for (const { name, value, unit, target } of figures) {
  console.log(
    `${name.padEnd(40)} ${String(value).padStart(8)} ${unit}${target === undefined ? '' : ` (target ${target})`}`,
  )
}
if (values.json !== undefined) {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version }
  writeFileSync(values.json, `${JSON.stringify({ machine, runs: 1, figures }, null, 2)}\n`)
}

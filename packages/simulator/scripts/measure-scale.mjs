// Measures the simulator at size: 16 nodes, 1,000 machines with disks; memory, and requests a second over eight connections.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { json: { type: 'string' } } })
const nodes = Array.from({ length: 16 }, (_, index) => `pve${index + 1}`)
const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const options = ['--listen', '127.0.0.1:0', '--latency', 'instant', '--nodes', nodes.join(','), '--machines', '1000']

const startedAt = performance.now()
const server = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
const [line] = await once(createInterface({ input: server.stdout }), 'line')
const { endpoint, tokenId, tokenSecret } = JSON.parse(line)
const figures = [
  { name: 'start with 1,000 machines', value: Math.round(performance.now() - startedAt), unit: 'ms', ok: true },
]

// The server is this script's own child on loopback: its certificate needs no proof.
const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false })
const headers = { Authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` }
const send = (method, path) =>
  new Promise((resolve, reject) => {
    const call = request(`${endpoint}/api2/json${path}`, { agent, method, headers }, (response) => {
      response.resume()
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${response.statusCode}`)),
      )
    })
    call.on('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`, { cause: error })))
    call.end()
  })

async function perSecond(count, next) {
  const from = performance.now()
  let sent = 0
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (sent < count) {
        sent += 1
        await send(...next(sent))
      }
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

agent.destroy()
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

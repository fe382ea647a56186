// The program: `pve-simulator --listen HOST:PORT --data DIR --nodes a,b …`. Prints one JSON line on stdout when it is
// ready.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { sentenceOf } from './errors.ts'
import { checkFaultRule, type FaultRule, parseFault } from './faults/fault-rule.ts'
import type { LatencyPreset } from './latency.ts'
import type { SimulatorOptions } from './options.ts'
import { runRecord } from './record/record.ts'
import type { MachineSeed } from './seed-machines.ts'
import { createSimulator } from './simulator.ts'
import { normalizeNetwork } from './state/drives.ts'
import type { PveVersion } from './state/privileges.ts'
import { qemuImgMissing } from './storage/qemu-img.ts'
import { parseStorages } from './storage/storage-argument.ts'

const usage = `Usage: pve-simulator [options]
       pve-simulator record --endpoint URL --out FILE [options]   (see: pve-simulator record --help)

  --listen HOST:PORT   address of the API (default 127.0.0.1:8006; port 0: any free one)
  --data DIR           folder for the state (default: a temporary folder)
  --nodes A,B,…        names of the nodes; the first one answers for the cluster (default pve)
  --storages LIST      id[:type[:content+content]], separated by commas (default local,local-lvm:lvmthin)
  --machines N         number of VMs from the start, spread over the nodes (default 0)
  --latency PRESET     instant, laptop (default) or server
  --control HOST:PORT  also serve the page, the state as JSON and the control API, over plain HTTP
  --pve VERSION        8.4 or 9.2 (default)
  --fault RULE         action:METHOD:/path:settings; may be repeated
  --faults-file FILE   the same as a JSON list
  --seed N             for faults with a probability
  --no-agent           guests have no agent unless their cloud-init documents install it
  --help

Prints one line when ready: { "endpoint", "fingerprint", "tokenId", "tokenSecret" }
`

const choices = {
  listen: { type: 'string', default: '127.0.0.1:8006' },
  data: { type: 'string' },
  nodes: { type: 'string', default: 'pve' },
  storages: { type: 'string' },
  machines: { type: 'string', default: '0' },
  latency: { type: 'string', default: 'laptop' },
  control: { type: 'string' },
  pve: { type: 'string', default: '9.2' },
  fault: { type: 'string', multiple: true, default: [] as string[] },
  'faults-file': { type: 'string' },
  seed: { type: 'string' },
  'no-agent': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

function readOptions(values: ReturnType<typeof readArguments>): SimulatorOptions {
  const { host, port } = readAddress(values.listen, '--listen')
  const faults = [...values.fault.map(parseFault), ...readFaultsFile(values['faults-file'])]
  return {
    host,
    port,
    nodes: values.nodes.split(','),
    machines: someMachines(readCount(values.machines, '--machines'), values.nodes.split(',')),
    latency: oneOf(values.latency, ['instant', 'laptop', 'server'], '--latency') as LatencyPreset,
    version: oneOf(values.pve, ['8.4', '9.2'], '--pve') as PveVersion,
    faults,
    guests: { agent: !values['no-agent'] },
    ...(values.control !== undefined && { control: readAddress(values.control, '--control') }),
    ...(values.data !== undefined && { dataDirectory: values.data }),
    ...(values.storages !== undefined && { storages: parseStorages(values.storages) }),
    ...(values.seed !== undefined && { seed: Number(values.seed) }),
  }
}

function readArguments() {
  return parseArgs({ options: choices, allowPositionals: false }).values
}

function readAddress(text: string, name: string): { host: string; port: number } {
  const [, host, port] = /^(?:\[?([^\]]*?)\]?:)?(\d+)$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535) throw new Error(`${name} must be HOST:PORT, not '${text}'`)
  return { host: host === undefined || host === '' ? '127.0.0.1' : host, port: Number(port) }
}

function readCount(text: string, name: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new Error(`${name} must be a number, not '${text}'`)
  return Number(text)
}

/** Every second machine is running. */
function someMachines(count: number, nodes: readonly string[]): readonly MachineSeed[] {
  return Array.from({ length: count }, (_, index) => ({
    vmid: 1_000 + index,
    node: nodes[index % nodes.length] ?? 'pve',
    name: `machine-${index + 1}`,
    options: { cores: 2, memory: '2048', net0: `${normalizeNetwork('virtio,bridge=vmbr0')}` },
    disks: [{ storage: 'local', bytes: 20 * 1024 ** 3 }],
    running: index % 2 === 0,
  }))
}

function readFaultsFile(file: string | undefined): readonly FaultRule[] {
  if (file === undefined) return []
  const rules: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!Array.isArray(rules)) throw new Error(`${file} holds no list of faults`)
  return rules.map(checkFaultRule)
}

function oneOf(value: string, allowed: readonly string[], name: string): string {
  if (!allowed.includes(value)) throw new Error(`${name} wants one of ${allowed.join(', ')}, not '${value}'`)
  return value
}

function readCommandLine(): SimulatorOptions {
  try {
    const values = readArguments()
    if (!values.help) return readOptions(values)
    process.stdout.write(usage)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n\n${usage}`)
    process.exit(64)
  }
}

async function main(): Promise<void> {
  const options = readCommandLine()
  const missing = await qemuImgMissing()
  if (missing !== undefined) process.stderr.write(`No disks can be made: ${missing}.\n`)
  const simulator = await createSimulator(options)
  const { endpoint, fingerprint, tokenId, tokenSecret, control } = simulator
  process.stdout.write(`${JSON.stringify({ endpoint, fingerprint, tokenId, tokenSecret, control })}\n`)
  const stop = (): void => {
    simulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function inUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

const [command, ...args] = process.argv.slice(2)
if (command === 'record') process.exitCode = await runRecord(args)
else {
  await main().catch(fail)
}

function fail(error: unknown): void {
  process.stderr.write(
    `${sentenceOf(error)}\n${inUse(error) ? 'Name another port with --listen HOST:PORT; port 0 takes any free one.\n' : ''}`,
  )
  process.exit(1)
}

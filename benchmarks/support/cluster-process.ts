// A simulated cluster in a separate process, which reports its requests on demand.
import { once } from 'node:events'
import { createSimulator, type SimulatorOptions } from '@pve-provision/simulator'

// A thousand machines do not fit into an argument.
const [options] = (await once(process, 'message')) as [SimulatorOptions]
const simulator = await createSimulator(options)
const { endpoint, fingerprint, tokenId, tokenSecret } = simulator
process.on('message', (what) => {
  if (what === 'clear') simulator.requests.clear()
  process.send?.({ counts: simulator.requests.counts(), total: simulator.requests.total })
})
const end = () => void simulator.close().then(() => process.exit())
process.on('SIGTERM', end)
// Ctrl-C reaches this process too, but the parent process stops it when it is done.
process.on('SIGINT', () => undefined)
// The parent process was killed.
process.on('disconnect', end)
process.send?.({ endpoint, fingerprint, tokenId, tokenSecret })

// A simulated cluster in a process of its own, which tells on request what it was asked.
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
// Ctrl-C reaches us too: it is for our parent, which stops us when it is done with us.
process.on('SIGINT', () => undefined)
// Our parent was killed.
process.on('disconnect', end)
process.send?.({ endpoint, fingerprint, tokenId, tokenSecret })

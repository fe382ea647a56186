// Opens the control port, by default on loopback.
import type { AddressInfo } from 'node:net'
import type { SimulatorOptions } from '../options.ts'
import { createControlServer } from './control-server.ts'
import type { OverviewParts } from './overview.ts'

export interface Control {
  readonly url: string
  close(): Promise<void>
}

export async function openControl(
  parts: OverviewParts,
  wanted: SimulatorOptions['control'],
): Promise<Control | undefined> {
  if (wanted === undefined || wanted === false) return undefined
  const { host = '127.0.0.1', port = 0 } = wanted === true ? {} : wanted
  const server = createControlServer(parts)
  await new Promise<void>((started, refused) => {
    server.once('error', refused)
    server.listen(port, host, started)
  })
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      }),
  }
}

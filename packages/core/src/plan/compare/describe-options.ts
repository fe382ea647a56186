// Translates a config key with several options of Proxmox: each option is a key of the manifest.
import type { Change, ChangeValue } from '../change/change.ts'
import type { Properties } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'
import { isOn } from './same-value.ts'

export type RawChange = Pick<Change, 'key' | 'before' | 'after'>

/** Creates a change without empty values. */
export function raw(key: string, before: unknown, after: unknown): RawChange {
  const is = (value: unknown): value is ChangeValue => value !== undefined && value !== null && value !== ''
  return { key, ...(is(before) && { before }), ...(is(after) && { after }) }
}

/** Options of Proxmox with their names in the manifest and how to read them. */
export type Options = Readonly<Record<string, readonly [word: string, read: (text: string | undefined) => unknown]>>

const same = (text: string | undefined) => text
const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
const flag = (text: string | undefined) => isOn(text)

export const START_OPTIONS: Options = {
  order: ['order', number],
  up: ['up', number],
  down: ['down', number],
}

export const CARD_OPTIONS: Options = {
  model: ['model', same],
  macaddr: ['mac', same],
  bridge: ['bridge', same],
  tag: ['vlan', number],
  trunks: ['trunks', (text) => text?.split(';')],
  firewall: ['firewall', flag],
  rate: ['rate', number],
  mtu: ['mtu', number],
  queues: ['queues', number],
  link_down: ['linkDown', flag],
}

export const DRIVE_OPTIONS: Options = {
  cache: ['cache', (text) => text ?? 'none'],
  discard: ['discard', flag],
  ssd: ['ssd', flag],
  iothread: ['ioThread', flag],
  backup: ['backup', (text) => text === undefined || isOn(text)],
  replicate: ['replicate', (text) => text === undefined || isOn(text)],
  aio: ['aio', same],
  serial: ['serial', same],
  mbps_rd: ['limits.readMBps', number],
  mbps_wr: ['limits.writeMBps', number],
  iops_rd: ['limits.readIops', number],
  iops_wr: ['limits.writeIops', number],
}

export const DISPLAY_OPTIONS: Options = {
  type: ['type', same],
  memory: ['memory', (text) => (text === undefined ? undefined : sizeText(Number(text) * 1024 ** 2))],
}

export const RANDOM_OPTIONS: Options = {
  source: ['source', same],
  max_bytes: ['maxBytes', number],
  period: ['periodMs', number],
}

export const WATCHDOG_OPTIONS: Options = {
  model: ['model', same],
  action: ['action', same],
}

/** Returns one change for each option that differs. */
export function optionChanges(
  place: string,
  options: Options,
  [is, wanted]: readonly [Properties, Properties],
): readonly RawChange[] {
  return Object.entries(options).flatMap(([name, [word, read]]) => {
    const [before, after] = [read(is.get(name)), read(wanted.get(name))]
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [raw(`${place}.${word}`, before, after)]
  })
}

// `list`: lists the machines of the project for people, scripts, Ansible, ssh and hosts files.
import { type ListedMachine, list, ProvisionError } from '@pve-provision/core'
import { addressOf, nameList } from '@pve-provision/core/text'
import { EXIT } from '../exit-codes.ts'
import { FORMATS, type ListFormat, listText } from '../list/formats.ts'
import type { CommonOptions } from '../options.ts'
import { withRun } from '../run.ts'
import { saySentence, writeDocument, writeText } from '../text/output.ts'

export interface ListOptions extends CommonOptions {
  readonly only?: readonly string[]
  readonly format?: string
}

export function listCommand(options: ListOptions): Promise<number> {
  const format = formatOf(options)
  return withRun(options, async ({ desired, world, provisionOptions }) => {
    const machines = await list(desired, world, provisionOptions)
    if (format === 'json') writeDocument({ vms: machines })
    else writeText(listText(machines, { format, nowMs: world.clock.now() }))
    if (ADDRESS_FORMATS.has(format)) sayWithoutAddress(machines)
    return EXIT.fine
  })
}

/** Formats that leave out a machine, or its address, if no address is known. */
const ADDRESS_FORMATS: ReadonlySet<ListFormat> = new Set(['ansible', 'ssh', 'hosts'])

function sayWithoutAddress(machines: readonly ListedMachine[]): void {
  const names = machines.filter((machine) => addressOf(machine) === undefined).map(({ name }) => name)
  if (names.length === 0) return
  saySentence(`No address is known of ${nameList(names)}: the manifest declares none, and no guest agent has answered.`)
}

/** @throws ProvisionError `USAGE` */
function formatOf({ format = 'table', json }: ListOptions): ListFormat {
  if (json) return 'json'
  const known = FORMATS.find((one) => one === format)
  if (known !== undefined) return known
  throw new ProvisionError('USAGE', `There is no format ${format}.`, { hint: `Formats are ${FORMATS.join(', ')}.` })
}

// `list`: lists the machines of the project for people, scripts, Ansible, ssh and hosts files.
import { list, ProvisionError } from '@pve-provision/core'
import { EXIT } from '../exit-codes.ts'
import { FORMATS, type ListFormat, listText } from '../list/formats.ts'
import type { CommonOptions } from '../options.ts'
import { withRun } from '../run.ts'
import { writeDocument, writeText } from '../text/output.ts'

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
    return EXIT.fine
  })
}

/** @throws ProvisionError `USAGE` */
function formatOf({ format = 'table', json }: ListOptions): ListFormat {
  if (json) return 'json'
  const known = FORMATS.find((one) => one === format)
  if (known !== undefined) return known
  throw new ProvisionError('USAGE', `There is no format ${format}.`, { hint: `Formats are ${FORMATS.join(', ')}.` })
}

// `validate --cloud-init-schema`: checks cloud-config documents with the installed cloud-init.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Desired, ProvisionError } from '@pve-provision/core'
import { documentKind } from '@pve-provision/core/advanced'

const run = promisify(execFile)
const TIMEOUT_MS = 60_000

interface Checked {
  readonly text: string
  /** `vms.web.cloudInit.userData`, of the first entry that has it. */
  readonly place: string
}

/**
 * Runs `cloud-init schema` once for each cloud-config.
 * @returns how many it accepted
 * @throws ProvisionError `MANIFEST` with cloud-init's messages; `USAGE` if cloud-init is not installed
 */
export async function checkDocuments(desired: Desired): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'pve-provision-'))
  try {
    const documents = cloudConfigs(desired)
    const said: string[] = []
    for (const [index, { text, place }] of documents.entries()) {
      const file = join(folder, `${index}.yaml`)
      await writeFile(file, text, { mode: 0o600 })
      const problem = await schemaProblem(file)
      if (problem !== undefined) said.push(`\`${place}\`: ${problem}`)
    }
    if (said.length > 0) throw refused(said)
    return documents.length
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function cloudConfigs({ machines }: Desired): readonly Checked[] {
  const found = machines.flatMap(({ entry, cloudInit }) =>
    (['userData', 'vendorData'] as const).flatMap((key): readonly Checked[] => {
      const text = cloudInit?.[key]
      if (typeof text !== 'string' || documentKind(text).yaml !== 'mapping') return []
      return [{ text, place: `vms.${entry}.cloudInit.${key}` }]
    }),
  )
  return [...new Map(found.toReversed().map((one) => [one.text, one])).values()].toReversed()
}

/** Returns cloud-init's message about a file, or undefined if it accepts the file. */
async function schemaProblem(file: string): Promise<string | undefined> {
  try {
    await run('cloud-init', ['schema', '--config-file', file], { timeout: TIMEOUT_MS, encoding: 'utf8' })
    return undefined
  } catch (thrown) {
    const { code, stdout = '', stderr = '' } = thrown as { code?: unknown; stdout?: string; stderr?: string }
    if (code === 'ENOENT')
      throw new ProvisionError('USAGE', 'cloud-init, which has the schema, is not installed here.', {
        hint: 'Without --cloud-init-schema, documents are still checked for syntax.',
      })
    const lines = `${stderr}\n${stdout}`.replaceAll(file, 'the document').split('\n')
    return lines
      .map((line) => line.trim())
      .filter(Boolean)
      .slice(0, 12)
      .join('\n  ')
  }
}

function refused(said: readonly string[]): ProvisionError {
  const count = said.length === 1 ? 'a document' : `${said.length} documents`
  return new ProvisionError('MANIFEST', `cloud-init refuses ${count}:\n${said.join('\n')}`, {
    hint: 'This is the schema of the cloud-init installed here; your images may have another version.',
  })
}

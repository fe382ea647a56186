// `init`: writes a manifest that plans at once, from a few questions with answers found on the cluster, or from flags.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { ProvisionError, parseManifest } from '@pve-provision/core'
import { createForeignFiles, toProvisionError } from '@pve-provision/core/advanced'
import { EXIT } from '../exit-codes.ts'
import { fromAnsible } from '../init/ansible/from-ansible.ts'
import type { Places } from '../init/ansible/places.ts'
import { answers, GUESS, type InitOptions, lookOrGuess } from '../init/answers.ts'
import { manifestText } from '../init/manifest-text.ts'
import { saySentence, sayWords } from '../text/output.ts'

export async function initCommand(options: InitOptions): Promise<number> {
  if (existsSync(options.file) && !options.force) {
    throw new ProvisionError('USAGE', `${options.file} exists already.`, {
      hint: 'Name another with --file, or give --force.',
    })
  }
  return options.fromAnsible === undefined ? writeAnswers(options) : convert(options.fromAnsible, options)
}

async function writeAnswers(options: InitOptions): Promise<number> {
  const given = await answers(options)
  const text = manifestText(given)
  // A manifest of ours that does not parse is our fault, or an answer's; better said here than by the next command.
  parseManifest({ text, file: options.file }, { environment: process.env })
  writeFileSync(options.file, text)
  if (given.sshKey === undefined) saySentence(`warning ${NO_WAY_IN.replace('FILE', options.file)}`)
  saySentence(`Written: ${options.file}. Next: ${nextCommand(options)}`)
  return EXIT.fine
}

const NO_WAY_IN =
  'There is neither an SSH key nor a password, so you could not log in: give --ssh-key, or fill in `sshKeys` in FILE.'

/** What was converted is written even where it does not parse yet: somebody must look at it, and it says where. */
async function convert(variablesFile: string, options: InitOptions): Promise<number> {
  const { text, notes } = fromAnsible(readVariables(variablesFile), variablesFile, await placesFor(options))
  writeFileSync(options.file, text)
  for (const note of notes) saySentence(`note ${note}`)
  try {
    const files = createForeignFiles({ folder: process.cwd() })
    parseManifest({ text, file: options.file }, { ...files, environment: process.env })
  } catch (thrown) {
    const { message } = toProvisionError(thrown)
    sayWords(`Written: ${options.file}. Edit it by hand:\n${message}\n`)
    return EXIT.usage
  }
  saySentence(`Written: ${options.file}. Next: ${nextCommand(options)}`)
  return EXIT.fine
}

function nextCommand({ file }: InitOptions): string {
  return file === 'pve-provision.yaml' ? 'pve-provision plan' : `pve-provision plan --file ${file}`
}

function readVariables(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ProvisionError('USAGE', `${file} cannot be read.`, { cause })
  }
}

/** Flags first, then what the cluster says; a cluster that does not answer is no reason not to convert a file. */
async function placesFor(options: InitOptions): Promise<Places> {
  const around = await lookOrGuess().catch(() => ({ ...GUESS, note: 'guessed' }))
  const { project, node, imagesStorage, disksStorage, bridge } = options
  return {
    project: project ?? 'migrated',
    nodes: node ?? around.nodes,
    imagesStorage: imagesStorage ?? around.imagesStorage,
    disksStorage: disksStorage ?? around.disksStorage,
    bridge: bridge ?? around.bridge,
    guessed: around.note !== undefined && !(node && imagesStorage && disksStorage && bridge),
  }
}

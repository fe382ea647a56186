// `init`: writes a first manifest that can be planned at once. The answers come from flags, questions and the cluster.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ProvisionError, parseManifest } from '@pve-provision/core'
import { createForeignFiles, surveyMachines, toProvisionError } from '@pve-provision/core/advanced'
import { EXIT } from '../exit-codes.ts'
import { readNamed, writeNamed } from '../files.ts'
import { fromAnsible } from '../init/ansible/from-ansible.ts'
import type { Places } from '../init/ansible/places.ts'
import { answers, GUESS, type InitOptions, lookOrGuess, projectProblem } from '../init/answers.ts'
import { fromCluster } from '../init/from-cluster.ts'
import { lookAround } from '../init/look-around.ts'
import { manifestText, SCHEMA_FILE } from '../init/manifest-text.ts'
import { worldFromEnvironment } from '../settings.ts'
import { saySentence, sayWords } from '../text/output.ts'
import { schemaText } from './schema.ts'

export async function initCommand(options: InitOptions): Promise<number> {
  if (existsSync(options.file) && !options.force) {
    throw new ProvisionError('USAGE', `${options.file} exists already.`, {
      hint: 'Choose another name with --file, or overwrite it with --force.',
    })
  }
  if (options.fromCluster !== undefined) return writeMachines(options.fromCluster, options)
  return options.fromAnsible === undefined ? writeAnswers(options) : convert(options.fromAnsible, options)
}

async function writeAnswers(options: InitOptions): Promise<number> {
  const given = await answers(options)
  const text = manifestText(given)
  // If the generated manifest is invalid, report it here, not in the next command.
  parseManifest({ text, file: options.file }, { environment: process.env })
  writeNamed(options.file, text)
  writeNamed(join(dirname(options.file), SCHEMA_FILE), schemaText())
  if (given.sshKey === undefined) saySentence(`warning ${NO_WAY_IN.replace('FILE', options.file)}`)
  saySentence(`Written: ${options.file}. Next: ${nextCommand(options)}`)
  return EXIT.fine
}

/** Writes a manifest of the existing machines. It changes nothing in Proxmox. */
async function writeMachines(patterns: readonly string[] | true, options: InitOptions): Promise<number> {
  const { file, project = 'homelab', imagesStorage, disksStorage } = options
  const wanted = projectProblem(project)
  if (wanted !== undefined) throw new ProvisionError('USAGE', `--project must be ${wanted}.`)
  const world = worldFromEnvironment()
  try {
    const survey = await surveyMachines(world, patterns === true ? {} : { patterns })
    const around = await lookAround(world, GUESS)
    const { text, machines, leftOut } = fromCluster(survey, {
      project,
      imagesStorage: imagesStorage ?? around.imagesStorage,
      disksStorage: disksStorage ?? around.disksStorage,
    })
    parseManifest({ text, file })
    writeNamed(file, text)
    if (around.note !== undefined && imagesStorage === undefined) saySentence(`note ${around.note}`)
    for (const sentence of leftOut) saySentence(`note ${sentence}`)
    const many = machines.length === 1 ? '1 machine' : `${machines.length} machines`
    const named = file === 'pve-provision.yaml' ? '' : ` --file ${file}`
    saySentence(`Written: ${file}, with ${many}. Next: pve-provision adopt --all${named}`)
    return EXIT.fine
  } finally {
    world.pve.close()
  }
}

const NO_WAY_IN =
  'There is neither an SSH key nor a password, so you could not log in: use --ssh-key, or set `sshKeys` in FILE.'

/** Writes a converted manifest even if it is not valid yet. The user must complete it, and the notes say where. */
async function convert(variablesFile: string, options: InitOptions): Promise<number> {
  const { text, notes } = fromAnsible(readNamed(variablesFile), variablesFile, await placesFor(options))
  writeNamed(options.file, text)
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

/** Flags win over what the cluster has. If the cluster does not answer, the file is converted anyway. */
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

// `init`: writes a manifest that plans at once, from a few questions with answers found on the cluster, or from flags.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { ProvisionError, parseManifest, toProvisionError } from '@pve-provision/core'
import { EXIT } from '../exit-codes.ts'
import { fromAnsible } from '../init/from-ansible.ts'
import { IMAGES } from '../init/known-images.ts'
import { lookAround, type Surroundings } from '../init/look-around.ts'
import { type Answers, manifestText } from '../init/manifest-text.ts'
import { worldFromEnvironment } from '../settings.ts'
import { ask } from '../text/confirm.ts'
import { sayWords } from '../text/output.ts'

export interface InitOptions {
  readonly file: string
  readonly fromAnsible?: string
  readonly project?: string
  readonly image?: string
  readonly node?: readonly string[]
  readonly imagesStorage?: string
  readonly disksStorage?: string
  readonly bridge?: string
  readonly user?: string
  readonly sshKey?: string
  readonly force?: boolean
  readonly yes?: boolean
}

export async function initCommand(options: InitOptions): Promise<number> {
  if (existsSync(options.file) && !options.force) {
    throw new ProvisionError('MANIFEST', `${options.file} exists already.`, {
      hint: 'Name another with --file, or give --force.',
    })
  }
  const { text, notes } = options.fromAnsible
    ? convert(options.fromAnsible)
    : { text: manifestText(await answers(options)), notes: [] }
  // A manifest of ours that does not parse is our fault; better said here than by the next command.
  parseManifest({ text, file: options.file }, { environment: process.env })
  writeFileSync(options.file, text)
  for (const note of notes) sayWords(`note ${note}\n`)
  sayWords(`Written: ${options.file}. Next: pve-provision plan\n`)
  return EXIT.fine
}

function convert(file: string): { readonly text: string; readonly notes: readonly string[] } {
  try {
    return fromAnsible(readFileSync(file, 'utf8'), file)
  } catch (thrown) {
    if (thrown instanceof ProvisionError) throw thrown
    throw new ProvisionError('MANIFEST', `${file} cannot be read: ${toProvisionError(thrown).message}`, {
      cause: thrown,
    })
  }
}

async function answers(options: InitOptions): Promise<Answers> {
  const around = await lookOrGuess()
  const interactive = process.stdin.isTTY === true && options.yes !== true
  const one = async (given: string | undefined, question: string, fallback: string) =>
    given ?? (interactive ? await ask(question, fallback) : fallback)
  return {
    project: await one(options.project, 'Name of the project (its machines carry it)', 'homelab'),
    image: await one(options.image, `Image (${Object.keys(IMAGES).join(', ')})`, 'debian-13'),
    nodes:
      options.node ??
      (await one(undefined, 'Nodes, separated by commas', around.nodes.join(',')))
        .split(',')
        .map((node) => node.trim()),
    imagesStorage: await one(
      options.imagesStorage,
      'Storage for images (needs content type import)',
      around.imagesStorage,
    ),
    disksStorage: await one(options.disksStorage, 'Storage for disks', around.disksStorage),
    bridge: await one(options.bridge, 'Bridge', around.bridge),
    user: await one(options.user, 'User in the machines', 'ops'),
    ...(options.sshKey || around.sshKey ? { sshKey: options.sshKey ?? around.sshKey } : {}),
    note: around.note,
  } as Answers
}

/** What the cluster says, or common names where it cannot be asked. */
async function lookOrGuess(): Promise<Surroundings> {
  const guess = { nodes: ['pve'], imagesStorage: 'local', disksStorage: 'local-lvm', bridge: 'vmbr0' }
  if (!process.env.PVE_ENDPOINT)
    return { ...guess, note: 'PVE_ENDPOINT is not set: nodes, storages and bridge are guesses.' }
  const world = worldFromEnvironment()
  try {
    return await lookAround(world, guess)
  } finally {
    world.pve.close()
  }
}

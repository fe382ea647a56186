// The answers that a first manifest is made from: given as flags, asked for, or found on the cluster.
import { existsSync, readFileSync } from 'node:fs'
import { worldFromEnvironment } from '../settings.ts'
import { ask, type Question } from '../text/confirm.ts'
import { sayWords } from '../text/output.ts'
import { IMAGES } from './known-images.ts'
import { lookAround, type Surroundings } from './look-around.ts'
import type { Answers } from './manifest-text.ts'

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

export async function answers(options: InitOptions): Promise<Answers> {
  const around = await lookOrGuess()
  if (around.note) sayWords(`note ${around.note}\n`)
  const interactive = process.stdin.isTTY === true && options.yes !== true
  const one = async (given: string | undefined, question: string, how: Question) =>
    given ?? (interactive ? await ask(question, how) : how.fallback)
  const images = Object.keys(IMAGES)
  const nodes = around.nodes.join(',')
  const told = {
    project: await one(options.project, 'Name of the project; its machines carry it', {
      fallback: 'homelab',
      complaint: (text) =>
        /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(text) ? undefined : 'lower-case letters, digits and hyphens',
    }),
    image: await one(options.image, `Image: ${images.join(', ')}`, {
      fallback: 'debian-13',
      complaint: (text) => (images.includes(text) ? undefined : `one of ${images.join(', ')}`),
    }),
    nodes: options.node ?? listOf(await one(undefined, 'Nodes, separated by commas', { fallback: nodes })),
    imagesStorage: await one(options.imagesStorage, 'Storage for images, with content type import', {
      fallback: around.imagesStorage,
    }),
    disksStorage: await one(options.disksStorage, 'Storage for disks', { fallback: around.disksStorage }),
    bridge: await one(options.bridge, 'Bridge', { fallback: around.bridge }),
    user: await one(options.user, 'User in the machines', { fallback: 'ops' }),
  }
  const sshKey = await one(options.sshKey, 'Public SSH key of that user, or a file with it', {
    fallback: around.sshKey ?? '',
  })
  return { ...told, ...(sshKey && { sshKey: keyOf(sshKey) }), ...(around.note && { note: around.note }) }
}

function listOf(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim())
}

/** The key itself, where a file is named. */
function keyOf(text: string): string {
  return existsSync(text) ? readFileSync(text, 'utf8').trim() : text
}

export const GUESS = { nodes: ['pve'], imagesStorage: 'local', disksStorage: 'local-lvm', bridge: 'vmbr0' }

/** What the cluster says, or common names where there is none to ask. */
export async function lookOrGuess(): Promise<Surroundings> {
  if (!process.env.PVE_ENDPOINT)
    return { ...GUESS, note: 'PVE_ENDPOINT is not set: nodes, storages and bridge are guesses.' }
  const world = worldFromEnvironment()
  try {
    return await lookAround(world, GUESS)
  } finally {
    world.pve.close()
  }
}

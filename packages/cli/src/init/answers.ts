// Collects the answers for a first manifest: from flags, questions and the cluster.
import { existsSync, readFileSync } from 'node:fs'
import { ProvisionError } from '@pve-provision/core'
import { holdsPublicKeys } from '@pve-provision/core/advanced'
import { worldFromEnvironment } from '../settings.ts'
import { ask, type Question } from '../text/confirm.ts'
import { saySentence } from '../text/output.ts'
import { IMAGES } from './known-images.ts'
import { lookAround, type Surroundings } from './look-around.ts'
import { type Answers, isKeyAddress } from './manifest-text.ts'

export interface InitOptions {
  readonly file: string
  readonly fromAnsible?: string
  /** Patterns of machine names, or true for all machines. */
  readonly fromCluster?: readonly string[] | true
  readonly project?: string
  readonly image?: string
  readonly node?: readonly string[]
  readonly imagesStorage?: string
  readonly disksStorage?: string
  readonly bridge?: string
  readonly pool?: string
  readonly user?: string
  readonly sshKey?: string
  readonly force?: boolean
  readonly yes?: boolean
}

/** An answer: from a flag, from the user, or a value that was found or guessed. */
interface Wanted extends Question {
  readonly flag: string
  readonly given: string | undefined
  readonly question: string
}

export async function answers(options: InitOptions): Promise<Answers> {
  const around = await lookOrGuess()
  if (around.note) saySentence(`note ${around.note}`)
  const isAsking = process.stdin.isTTY === true && options.yes !== true
  const taken: string[] = []
  const told: Record<string, string> = {}
  for (const [key, wanted] of Object.entries(wantedAnswers(options, around))) {
    told[key] = checkedFlag(wanted) ?? (isAsking ? await ask(wanted.question, wanted) : wanted.fallback)
    if (wanted.given === undefined && !isAsking) taken.push(`${wanted.flag} ${shortList(wanted.fallback) || 'none'}`)
  }
  if (taken.length > 0) saySentence(`Used without asking: ${taken.join(', ')}.`)
  const {
    project = '',
    image = '',
    nodes = '',
    imagesStorage = '',
    disksStorage = '',
    bridge = '',
    pool = '',
    user = '',
  } = told
  const sshKey = keyOf(told.sshKey ?? '')
  return {
    project,
    image,
    nodes: listOf(nodes),
    imagesStorage,
    disksStorage,
    bridge,
    ...(pool !== '' && { pool }),
    user,
    ...(sshKey && { sshKey }),
    ...(around.note && { note: around.note }),
  }
}

function wantedAnswers(options: InitOptions, around: Surroundings): Readonly<Record<string, Wanted>> {
  const images = Object.keys(IMAGES)
  return {
    project: {
      flag: '--project',
      given: options.project,
      question: 'Name of the project',
      fallback: 'homelab',
      problem: projectProblem,
    },
    image: {
      flag: '--image',
      given: options.image,
      question: `Image: ${images.join(', ')}`,
      fallback: 'debian-13',
      problem: (text) => (images.includes(text) ? undefined : `one of ${images.join(', ')}`),
    },
    ...wantedPlaces(options, around),
    user: { flag: '--user', given: options.user, question: 'User to create in the machines', fallback: 'ops' },
    sshKey: {
      flag: '--ssh-key',
      given: options.sshKey,
      question: 'Public SSH key of that user: the key, a file, or an address such as https://github.com/YOU.keys',
      fallback: around.sshKey ?? '',
      problem: (text) =>
        text === '' || isKeyAddress(text) || holdsPublicKeys(keyOf(text))
          ? undefined
          : 'a public key, a file that has one, or an https address such as https://github.com/YOU.keys',
    },
  }
}

/** Questions about places of machines and images, with the lists of the cluster. */
function wantedPlaces(options: InitOptions, around: Surroundings): Readonly<Record<string, Wanted>> {
  const { nodes = [], imagesStorages = [], disksStorages = [], bridges = [], pools = [] } = around.choices ?? {}
  return {
    nodes: {
      flag: '--node',
      given: options.node?.join(','),
      question: `Nodes, separated by commas${listed(nodes)}`,
      fallback: around.nodes.join(','),
      problem: oneOf(nodes),
    },
    imagesStorage: {
      flag: '--images-storage',
      given: options.imagesStorage,
      question: `Storage for images, with the content type import${listed(imagesStorages)}`,
      fallback: around.imagesStorage,
      problem: oneOf(imagesStorages),
    },
    disksStorage: {
      flag: '--disks-storage',
      given: options.disksStorage,
      question: `Storage for disks${listed(disksStorages)}`,
      fallback: around.disksStorage,
      problem: oneOf(disksStorages),
    },
    bridge: {
      flag: '--bridge',
      given: options.bridge,
      question: `Bridge${listed(bridges)}`,
      fallback: around.bridge,
      problem: oneOf(bridges),
    },
    ...((pools.length > 0 || options.pool !== undefined) && {
      pool: {
        flag: '--pool',
        given: options.pool,
        question: `Pool, the only place where the token may create machines${listed(pools)}`,
        fallback: around.pool ?? '',
        problem: oneOf(pools),
      },
    }),
  }
}

/** ` (vmbr0, vmbr1)`: the possible answers. */
function listed(choices: readonly string[]): string {
  return choices.length < 2 ? '' : ` (${choices.join(', ')})`
}

/** Each answer must be in the list. Without a list, any answer is accepted. */
function oneOf(choices: readonly string[]): (text: string) => string | undefined {
  return (text) =>
    choices.length === 0 || listOf(text).every((part) => choices.includes(part))
      ? undefined
      : `${choices.length === 1 ? '' : 'one of '}${choices.join(', ')}`
}

/** Returns what a project name must consist of, or undefined if it is valid. */
export function projectProblem(text: string): string | undefined {
  return /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(text) ? undefined : 'lower-case letters, digits and hyphens'
}

/** @throws ProvisionError `USAGE` for an invalid flag */
function checkedFlag({ flag, given, problem }: Wanted): string | undefined {
  const wanted = given === undefined ? undefined : problem?.(given)
  if (wanted !== undefined) throw new ProvisionError('USAGE', `${flag} must be ${wanted}.`)
  return given
}

const MOST_NAMES = 4

/** `pve01,pve02,pve03,pve04 and 12 more` */
function shortList(text: string): string {
  const names = listOf(text)
  if (names.length <= MOST_NAMES) return text
  return `${names.slice(0, MOST_NAMES).join(',')} and ${names.length - MOST_NAMES} more`
}

function listOf(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim())
}

/** Returns the key itself if the text names a file. */
function keyOf(text: string): string {
  return existsSync(text) ? readFileSync(text, 'utf8').trim() : text
}

export const GUESS = { nodes: ['pve'], imagesStorage: 'local', disksStorage: 'local-lvm', bridge: 'vmbr0' }

/** Reads the cluster, or uses common names if no endpoint is set. */
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

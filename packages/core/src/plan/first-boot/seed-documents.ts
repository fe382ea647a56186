// Creates the documents of a machine's cloud-init ISO (NoCloud), and a file name that identifies its content.

import { documentKind } from '../../manifest/documents/document-kind.ts'
import type { GuestDocument, Machine } from '../../manifest/manifest.ts'
import { isPasswordHash } from '../../manifest/password.ts'
import { hash16 } from '../names.ts'
import { bytesOf, withPart } from './document-parts.ts'
import { type FirstBoot, firstBootOf } from './first-boot.ts'
import { networkConfigOf } from './network-config.ts'
import { passwordHash } from './password-hash.ts'
import { userDataOf } from './user-data.ts'
import { reasonsForCd } from './writer.ts'
import { yamlText } from './yaml-text.ts'

/** The files of the ISO, with the names that NoCloud requires. */
export interface SeedDocuments {
  readonly 'user-data': string | Uint8Array
  readonly 'meta-data': string
  readonly 'vendor-data': string | Uint8Array
  /** Absent if nothing is declared; then cloud-init uses DHCP by itself. */
  readonly 'network-config'?: string
}

export interface SeedOptions {
  readonly project: string
  /** MACs of the cards, by number. */
  readonly macs: readonly (string | undefined)[]
}

/** Returns why a machine needs this program's ISO. Empty if Proxmox writes the drive. */
export function seedReasons(machine: Machine): readonly string[] {
  return reasonsForCd(firstBootOf(machine))
}

/**
 * Returns the file name on the ISO storage, such as `web-seed-3f2a9c0d1e4b5a67.iso`, or undefined if no ISO is needed.
 * The first 12 digits identify the instance, the last 4 the document format. A new instance gets other first digits.
 */
export function seedVolume(machine: Machine, options: SeedOptions): string | undefined {
  if (seedReasons(machine).length === 0) return undefined
  const instance = instanceHash(machine, options)
  const documents = documentsOf(machine, { ...options, password: standInOf(machine, options) })
  const written = hash16(JSON.stringify(Object.values(documents).map((one) => hash16(textOf(one)))))
  return `${machine.name}-seed-${instance}${written.slice(0, 4)}.iso`
}

/** Returns true if a guest that boots from `other` instead of `volume` is a new instance for cloud-init. */
export function isOtherInstance(volume: string, other: string): boolean {
  const instanceOf = (text: string) => /-seed-([0-9a-f]{12})[0-9a-f]{4}\.iso/.exec(text)?.[1]
  return instanceOf(volume) === undefined || instanceOf(volume) !== instanceOf(other)
}

/**
 * Returns the documents of a machine's ISO. They contain its password as a hash.
 * @param hashPassword hashes a plain password, with a salt of at most 16 characters
 */
export function seedDocuments(
  machine: Machine,
  options: SeedOptions,
  hashPassword: (password: string, salt: string) => string,
): SeedDocuments {
  const { password, windows } = firstBootOf(machine)
  const isPlain = password !== undefined && !windows && !isPasswordHash(password)
  // The same in every run, because the name of the ISO identifies its bytes.
  const salt = hash16(`${options.project}/${machine.name} salt`)
  return documentsOf(machine, { ...options, password: isPlain ? hashPassword(password, salt) : password })
}

/**
 * Returns 12 hex digits over what cloud-init receives, without the document format. If they change, cloud-init runs
 * again (ADR 19). They must not reveal a password to users who can list the storage, so a slow hash stands for it.
 */
function instanceHash(machine: Machine, options: SeedOptions): string {
  const password = standInOf(machine, options)
  const boot = { ...firstBootOf(machine, options.macs), password }
  const { sshKeys, ...rest } = boot
  const told = Object.entries({ ...rest, sshKeys: sshKeys.toSorted() }).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  )
  return hash16(JSON.stringify([options.project, machine.name, told])).slice(0, 12)
}

function standInOf(machine: Machine, { project }: SeedOptions): string | undefined {
  const { password } = firstBootOf(machine)
  return password === undefined ? undefined : passwordHash(password, project)
}

interface Making extends SeedOptions {
  /** What the documents contain in place of the password. */
  readonly password: string | undefined
}

function documentsOf(machine: Machine, { password, ...options }: Making): SeedDocuments {
  const boot = firstBootOf(machine, options.macs)
  const networkConfig = boot.documents.networkConfig ?? networkConfigOf(boot)
  return {
    ...dataOf(boot, userDataOf(boot, password)),
    'meta-data': yamlText({
      'instance-id': `${machine.name}-${instanceHash(machine, options)}`,
      'local-hostname': machine.name,
    }),
    ...(networkConfig !== undefined && { 'network-config': networkConfig }),
  }
}

type Data = Pick<SeedDocuments, 'user-data' | 'vendor-data'>

/**
 * Adds our settings to the user's: as a part of user-data if cloud-init reads it, else as vendor-data, so that a
 * document for Ignition, Talos or cloudbase-init is unchanged.
 */
function dataOf({ documents: { userData, vendorData } }: FirstBoot, ours: string): Data {
  const theirs = vendorData === undefined ? '' : contentOf(vendorData)
  if (userData === undefined) return { 'user-data': ours, 'vendor-data': theirs }
  if (documentKind(userData).reader === 'cloud-init')
    return { 'user-data': withPart(userData, ours, boundaryOf(userData, ours)), 'vendor-data': theirs }
  const both = vendorData === undefined ? ours : withPart(vendorData, ours, boundaryOf(vendorData, ours))
  return { 'user-data': contentOf(userData), 'vendor-data': both }
}

function boundaryOf(theirs: GuestDocument, ours: string): string {
  return `===${hash16(JSON.stringify([theirs, ours]))}===`
}

function contentOf(document: GuestDocument): string | Uint8Array {
  return typeof document === 'string' ? document : bytesOf(document)
}

function textOf(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : Array.from(content).join()
}

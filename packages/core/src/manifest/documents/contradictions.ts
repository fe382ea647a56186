// Finds settings in a user's document that contradict the manifest. The document would win.
import { parse } from 'yaml'
import type { CloudInit, GuestDocument } from '../manifest.ts'
import { documentKind } from './document-kind.ts'
import { withoutTemplate } from './jinja.ts'

type Mapping = Readonly<Record<string, unknown>>

/** Parses a cloud-config. Returns undefined for other documents and for one that cannot be parsed. */
export function readCloudConfig(document: GuestDocument | undefined): Mapping | undefined {
  if (typeof document !== 'string' || documentKind(document).yaml !== 'mapping') return undefined
  try {
    const value: unknown = parse(document, { version: '1.1', uniqueKeys: false, logLevel: 'silent' })
    return isMapping(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** A key of the manifest that a document contradicts. */
export interface Contradiction {
  readonly key: 'user' | 'password' | 'upgrade'
  readonly message: string
}

/** Returns the keys of `cloudInit` that a document of the same machine contradicts. */
export function contradictions(cloudInit: CloudInit): readonly Contradiction[] {
  return (['userData', 'vendorData'] as const).flatMap((document) => {
    const config = readCloudConfig(asFilled(cloudInit[document]))
    if (config === undefined) return []
    return findIn(config, cloudInit).map(([key, words]) => ({ key, message: `\`${document}\` ${words}` }))
  })
}

/** Replaces the placeholders of a template with words. That is enough to see which keys it has. */
function asFilled(document: GuestDocument | undefined): GuestDocument | undefined {
  const isTemplate = typeof document === 'string' && documentKind(document).isTemplate === true
  return isTemplate ? withoutTemplate(document).text : document
}

type Found = readonly [key: Contradiction['key'], words: string]

function findIn(config: Mapping, { user, password, upgrade }: CloudInit): readonly Found[] {
  const named = isMapping(config.user) ? config.user.name : config.user
  const theirUser = typeof named === 'string' ? named : undefined
  const found: Found[] = []
  if (user !== undefined && theirUser !== undefined && theirUser !== user)
    found.push(['user', `creates the user ${theirUser}, but \`cloudInit.user\` is ${user}: remove one of them.`])
  if (password !== undefined && setsPassword(config, user ?? theirUser))
    found.push(['password', 'sets a password, and so does `cloudInit.password`: remove one of them.'])
  if (user === 'root' && config.disable_root === true)
    found.push(['user', 'has `disable_root: true`, but `cloudInit.user` is root, who then cannot log in.'])
  const theirUpgrade = config.package_upgrade
  if (upgrade !== undefined && typeof theirUpgrade === 'boolean' && theirUpgrade !== upgrade)
    found.push(['upgrade', `has \`package_upgrade: ${theirUpgrade}\`, but \`cloudInit.upgrade\` is ${upgrade}.`])
  return found
}

function setsPassword(config: Mapping, user: string | undefined): boolean {
  if (config.password !== undefined) return true
  const chpasswd = isMapping(config.chpasswd) ? config.chpasswd : {}
  const { list = [] } = chpasswd
  const lines: readonly unknown[] = Array.isArray(list) ? list : typeof list === 'string' ? list.split('\n') : []
  const names = [
    ...lines.map((line) => String(line).split(':')[0]),
    ...mappings(chpasswd.users).map(({ name }) => name),
  ]
  if (user !== undefined && names.includes(user)) return true
  const own = [...mappings(config.users), ...mappings([config.user])].filter(({ name = user }) => name === user)
  return own.some((entry) => ['passwd', 'hashed_passwd', 'plain_text_passwd'].some((key) => entry[key] !== undefined))
}

function mappings(value: unknown): readonly Mapping[] {
  return Array.isArray(value) ? value.filter(isMapping) : []
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// What a user's document says otherwise than the manifest: the document would win, and the manifest be of no effect.
import { parse } from 'yaml'
import type { CloudInit, GuestDocument } from '../manifest.ts'
import { documentKind } from './document-kind.ts'

type Mapping = Readonly<Record<string, unknown>>

/** The mapping of a cloud-config; nothing for another document, or one that cannot be read. */
export function readCloudConfig(document: GuestDocument | undefined): Mapping | undefined {
  if (typeof document !== 'string' || documentKind(document).yaml !== 'mapping') return undefined
  try {
    const value: unknown = parse(document, { version: '1.1', uniqueKeys: false, logLevel: 'silent' })
    return isMapping(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Keys of `cloudInit` that a document of the same machine overrides, each as a sentence. */
export function contradictions(cloudInit: CloudInit): readonly string[] {
  return (['userData', 'vendorData'] as const).flatMap((key) => {
    const config = readCloudConfig(cloudInit[key])
    return config === undefined ? [] : findIn(config, cloudInit).map((words) => `\`cloudInit.${key}\` ${words}`)
  })
}

function findIn(config: Mapping, { user, password, upgrade }: CloudInit): readonly string[] {
  const named = isMapping(config.user) ? config.user.name : config.user
  const theirUser = named === undefined || named === null ? undefined : String(named)
  return [
    ...(user !== undefined && theirUser !== undefined && theirUser !== user
      ? [`makes the user ${theirUser}, and \`cloudInit.user\` is ${user}: give one of them.`]
      : []),
    ...(password !== undefined && setsPassword(config, user ?? theirUser)
      ? ['sets the password that `cloudInit.password` declares: give one of them.']
      : []),
    ...(user === 'root' && config.disable_root === true
      ? ['says `disable_root: true`, and `cloudInit.user` is root, who then cannot log in.']
      : []),
    ...(upgrade !== undefined && config.package_upgrade !== undefined && config.package_upgrade !== upgrade
      ? [`says \`package_upgrade: ${String(config.package_upgrade)}\`, and \`cloudInit.upgrade\` is ${upgrade}.`]
      : []),
  ]
}

function setsPassword(config: Mapping, user: string | undefined): boolean {
  if (config.password !== undefined) return true
  const chpasswd = isMapping(config.chpasswd) ? config.chpasswd : {}
  const lines = Array.isArray(chpasswd.list) ? chpasswd.list : String(chpasswd.list ?? '').split('\n')
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

// Realms (pve-access-control `API2/Domains.pm`). Users of LDAP, AD and OpenID realms cannot log in here.
import { failure, sentenceOf } from '../../errors.ts'
import { type Call, type Endpoint, itemEndpoints, listOf } from '../call.ts'
import {
  changeFile,
  checkFileDigest,
  kindOf,
  lookupFailure,
  type SectionKind,
  typedSettings,
  wantedSettings,
} from '../sections.ts'

const root = '/access/domains'
const one = `${root}/{realm}`

export const realmEndpoints: readonly Endpoint[] = [...itemEndpoints(root, one, { list, create, show, update, remove })]

const directory =
  'server2 bind_dn password port secure sslversion default comment tfa verify capath cert certkey filter sync_attributes user_classes group_dn group_name_attr group_filter group_classes sync-defaults-options mode case-sensitive'

const kinds: Readonly<Record<string, SectionKind>> = {
  ldap: kindOf('server1 base_dn user_attr', directory),
  ad: kindOf('server1 domain', `${directory} base_dn user_attr`),
  openid: kindOf(
    'issuer-url client-id',
    'client-key autocreate username-claim groups-claim groups-autocreate groups-overwrite prompt scopes acr-values audiences default comment query-userinfo',
    'username-claim',
  ),
  pam: kindOf('', 'default comment tfa'),
  pve: kindOf('', 'default comment tfa'),
}

const kindNamed = (type: string): SectionKind => kinds[type] ?? kindOf('', '')

interface Realm {
  readonly type: string
  readonly settings: ReadonlyMap<string, string>
}

const builtIn = new Map<string, Realm>([
  ['pam', { type: 'pam', settings: new Map([['comment', 'Linux PAM standard authentication']]) }],
  ['pve', { type: 'pve', settings: new Map([['comment', 'Proxmox VE authentication server']]) }],
])

/**
 * All realms. The two that every installation has are in the file only once they have been changed, and get their
 * comments again with each read (`PVE/Auth/Plugin.pm`, `parse_config`).
 */
const realmsOf = ({ world }: Call): ReadonlyMap<string, Realm> => {
  const realms = new Map<string, Realm>([...builtIn, ...world.sectionFiles.realms.sections])
  for (const [name, { settings }] of builtIn) {
    const realm = realms.get(name)
    if (realm !== undefined) realms.set(name, { ...realm, settings: new Map([...settings, ...realm.settings]) })
  }
  return realms
}

export const isRealm = (call: Call, name: string): boolean => realmsOf(call).has(name)

export const typeOfRealm = (call: Call, name: string): string => realmsOf(call).get(name)?.type ?? ''

const typed = (call: Call, { settings }: Realm): Record<string, string | number> =>
  typedSettings(call, settings, ['POST', root])

function list(call: Call): readonly Record<string, unknown>[] {
  return [...realmsOf(call)].map(([realm, section]) => {
    const { comment, default: isDefault, tfa } = typed(call, section)
    const provider = /(?:^|,)type=(\w+)/.exec(String(tfa))?.[1]
    return {
      realm,
      type: section.type,
      ...(comment && { comment }),
      ...(isDefault && { default: 1 }),
      ...(provider && { tfa: provider }),
    }
  })
}

function show(call: Call): Record<string, unknown> {
  const name = call.text('realm')
  const realm = realmsOf(call).get(name)
  if (realm === undefined) throw failure(`domain '${name}' does not exist`)
  const digest = call.world.sectionFiles.realms.digest()
  return { ...typed(call, realm), type: realm.type, ...(name === 'pam' && { plugin: 'PVE::Auth::PAM' }), digest }
}

const callOnly = ['realm', 'type', 'password', 'check-connection']

/** Puts the built-in realms into the file, as each write of Proxmox does, and changes it. */
function change(
  call: Call,
  verb: string,
  work: (sections: Map<string, { type: string; settings: Map<string, string> }>) => void,
): null {
  try {
    return changeFile(call, 'realms', (file) => {
      if (verb === 'update') checkFileDigest(call, file)
      const { sections } = file
      const before = new Map(sections)
      for (const [name, { type, settings }] of builtIn) {
        if (!sections.has(name)) sections.set(name, { type, settings: new Map(settings) })
      }
      try {
        work(sections)
      } catch (error) {
        sections.clear()
        for (const [name, section] of before) sections.set(name, section)
        throw error
      }
    })
  } catch (error) {
    throw failure(`${verb} auth server failed: ${sentenceOf(error)}`)
  }
}

function refuseConnectionCheck(call: Call, type: string): void {
  if (call.optional('check-connection') !== undefined && type !== 'ldap' && type !== 'ad') {
    throw failure("'check-connection' parameter can only be set for realms of type 'ldap' or 'ad'")
  }
}

function create(call: Call): null {
  const [name, type] = [call.text('realm'), call.text('type')]
  return change(call, 'add', (sections) => {
    if (sections.has(name)) throw failure(`domain '${name}' already exists`)
    if (builtIn.has(type)) throw failure(`unable to create builtin type '${type}'`)
    refuseConnectionCheck(call, type)
    const settings = wantedSettings(call, kindNamed(type), { ids: callOnly, creates: true })
    if (settings.get('default') === '1') for (const each of sections.values()) each.settings.delete('default')
    sections.set(name, { type, settings })
  })
}

function update(call: Call): null {
  const name = call.text('realm')
  return change(call, 'update', (sections) => {
    const section = sections.get(name)
    refuseConnectionCheck(call, section?.type ?? '')
    const gone = listOf(call.optional('delete'))
    const given = Object.keys(call.parameters).filter((key) => !['realm', 'delete', 'digest'].includes(key))
    if (gone.length === 0 && given.length === 0) throw failure('no options specified')
    // Reading its type has created an empty section, so that a missing realm only fails here.
    if (section === undefined) throw lookupFailure('PVE/API2/Domains.pm line 261')
    const wanted = wantedSettings(call, kindNamed(section.type), { ids: callOnly, creates: false })
    const settings = new Map(section.settings)
    for (const key of gone) settings.delete(key)
    if (wanted.get('default') === '1') for (const each of sections.values()) each.settings.delete('default')
    for (const [key, value] of wanted) settings.set(key, value)
    // Nothing checks what is deleted before the file is written.
    const missing = kindNamed(section.type).required.find((key) => !settings.has(key))
    if (missing !== undefined) throw failure(`section '${name}' - missing value for required option '${missing}'`)
    sections.set(name, { type: section.type, settings })
  })
}

function remove(call: Call): null {
  const name = call.text('realm')
  return change(call, 'delete', (sections) => {
    if (!sections.has(name)) throw failure(`authentication domain '${name}' does not exist`)
    // A realm that every installation has comes back with its defaults.
    sections.delete(name)
  })
}

// Notification targets and matchers (proxmox-notify, called by pve-manager `API2/Cluster/Notifications.pm`).
// Nothing is sent.
import { ApiError, failure, notSimulated } from '../../errors.ts'
import type { Section } from '../../state/section-file.ts'
import { type Call, type Endpoint, itemEndpoints, listOf } from '../call.ts'
import { changeFile } from '../sections.ts'

const root = '/cluster/notifications'

interface Kind {
  readonly type: string
  readonly noun: 'endpoint' | 'matcher'
  readonly path: string
  readonly texts: readonly string[]
  readonly lists: readonly string[]
  /** Settings that only root reads, in a file of their own. */
  readonly secrets: readonly string[]
}

const recipients = ['mailto', 'mailto-user']

const kinds: readonly Kind[] = [
  {
    type: 'gotify',
    noun: 'endpoint',
    path: `${root}/endpoints/gotify`,
    texts: ['server', 'comment', 'disable'],
    lists: [],
    secrets: ['token'],
  },
  {
    type: 'sendmail',
    noun: 'endpoint',
    path: `${root}/endpoints/sendmail`,
    texts: ['from-address', 'author', 'comment', 'disable'],
    lists: recipients,
    secrets: [],
  },
  {
    type: 'smtp',
    noun: 'endpoint',
    path: `${root}/endpoints/smtp`,
    texts: ['server', 'port', 'mode', 'username', 'from-address', 'author', 'comment', 'disable'],
    lists: recipients,
    secrets: ['password'],
  },
  {
    type: 'webhook',
    noun: 'endpoint',
    path: `${root}/endpoints/webhook`,
    texts: ['url', 'method', 'body', 'comment', 'disable'],
    lists: ['header', 'secret'],
    secrets: [],
  },
  {
    type: 'matcher',
    noun: 'matcher',
    path: `${root}/matchers`,
    texts: ['mode', 'invert-match', 'comment', 'disable'],
    lists: ['match-field', 'match-severity', 'match-calendar', 'target'],
    secrets: [],
  },
]

const builtIn: ReadonlyMap<string, Section> = new Map([
  [
    'mail-to-root',
    {
      type: 'sendmail',
      settings: new Map([
        ['comment', "Send mails to root@pam's email address"],
        ['mailto-user', 'root@pam'],
      ]),
    },
  ],
  [
    'default-matcher',
    {
      type: 'matcher',
      settings: new Map([
        ['mode', 'all'],
        ['target', 'mail-to-root'],
        ['comment', 'Route all notifications to mail-to-root'],
      ]),
    },
  ],
])

export const notificationEndpoints: readonly Endpoint[] = [
  ...kinds.flatMap((kind): Endpoint[] => [
    ...itemEndpoints(kind.path, `${kind.path}/{name}`, {
      list: (call) => list(call, kind),
      create: (call) => create(call, kind),
      show: (call) => show(call, kind),
      update: (call) => update(call, kind),
      remove: (call) => remove(call, kind),
    }),
  ]),
  { path: `${root}/targets`, method: 'GET', handle: targets },
  { path: `${root}/targets/{name}/test`, method: 'POST', handle: test },
  {
    path: `${root}/matcher-fields`,
    method: 'GET',
    handle: () => ['type', 'hostname', 'job-id'].map((name) => ({ name })),
  },
]

const badRequest = (sentence: string): ApiError => new ApiError(400, sentence)
const notFound = (sentence: string): ApiError => new ApiError(404, sentence)

const sectionsOf = ({ world }: Call): ReadonlyMap<string, Section> =>
  new Map([...builtIn, ...world.sectionFiles.notifications.sections])

function originOf({ world }: Call, name: string): string {
  if (!builtIn.has(name)) return 'user-created'
  return world.sectionFiles.notifications.sections.has(name) ? 'modified-builtin' : 'builtin'
}

const numeric = new Set(['port', 'disable', 'invert-match'])

function row(
  call: Call,
  [name, { settings }]: readonly [string, Section],
  { texts, lists }: Kind,
): Record<string, unknown> {
  const fields = texts.flatMap((key) => {
    const value = settings.get(key)
    return value === undefined ? [] : [[key, numeric.has(key) ? Number(value) : value] as const]
  })
  const items = lists.flatMap((key) => {
    const value = settings.get(key)
    return value === undefined || value === '' ? [] : [[key, value.split('\u0000')] as const]
  })
  return { name, ...Object.fromEntries([...fields, ...items]), origin: originOf(call, name) }
}

function list(call: Call, kind: Kind): readonly Record<string, unknown>[] {
  return [...sectionsOf(call)].filter(([, { type }]) => type === kind.type).map((entry) => row(call, entry, kind))
}

function requireSection(call: Call, { type, noun }: Kind): Section {
  const name = call.text('name')
  const section = sectionsOf(call).get(name)
  if (section?.type !== type) throw notFound(`${noun} '${name}' not found`)
  return section
}

function show(call: Call, kind: Kind): Record<string, unknown> {
  const section = requireSection(call, kind)
  return { ...row(call, [call.text('name'), section], kind), digest: call.world.sectionFiles.notifications.digest() }
}

function targets(call: Call): readonly Record<string, unknown>[] {
  return [...sectionsOf(call)]
    .filter(([, { type }]) => type !== 'matcher')
    .map(([name, { type, settings }]) => {
      const comment = settings.get('comment')
      const disable = settings.get('disable')
      return {
        name,
        type,
        origin: originOf(call, name),
        ...(comment && { comment }),
        ...(disable !== undefined && { disable: Number(disable) }),
      }
    })
}

function test(call: Call): never {
  const target = sectionsOf(call).get(call.text('name'))
  if (target === undefined || target.type === 'matcher') {
    throw notFound(`endpoint '${call.text('name')}' does not exist`)
  }
  throw notSimulated('sending a notification')
}

/** Returns the settings of the call. Lists are kept as one text. */
function settingsOf(call: Call, { texts, lists }: Kind): Map<string, string> {
  const settings = new Map<string, string>()
  for (const key of texts) {
    const value = call.optional(key)
    if (value !== undefined) settings.set(key, value)
  }
  const port = settings.get('port')
  if (Number(port) > 65_535) throw failure(`error: invalid value: integer \`${port}\`, expected u16`)
  for (const key of lists) {
    // The values of secrets are in a file that only root reads.
    const items = key === 'secret' ? call.list(key).map((item) => item.replace(/,?value=[^,]*/, '')) : call.list(key)
    if (items.length > 0) settings.set(key, items.join('\u0000'))
  }
  return settings
}

function check(call: Call, settings: ReadonlyMap<string, string>, kind: Kind): void {
  if (kind.lists === recipients && !recipients.some((key) => settings.has(key))) {
    throw badRequest('must at least provide one recipient, either in mailto or in mailto-user')
  }
  for (const target of (settings.get('target') ?? '').split('\u0000').filter(Boolean)) {
    const found = sectionsOf(call).get(target)
    if (found === undefined || found.type === 'matcher') throw notFound(`endpoint '${target}' does not exist`)
  }
}

function create(call: Call, kind: Kind): null {
  const name = call.text('name')
  return changeFile(call, 'notifications', ({ sections }) => {
    if (sectionsOf(call).has(name)) {
      throw badRequest(`Cannot create '${name}', an entity with the same name already exists`)
    }
    const settings = settingsOf(call, kind)
    check(call, settings, kind)
    sections.set(name, { type: kind.type, settings })
  })
}

function update(call: Call, kind: Kind): null {
  const name = call.text('name')
  return changeFile(call, 'notifications', (file) => {
    const expected = call.optional('digest')
    if (expected && expected !== file.digest()) {
      throw badRequest('detected modified configuration - file changed by other user? Try again.')
    }
    const settings = new Map(requireSection(call, kind).settings)
    for (const key of listOf(call.list('delete').join(','))) {
      if (![...kind.texts, ...kind.lists, ...kind.secrets].includes(key)) throw notSimulated(`deleting '${key}'`)
      settings.delete(key)
    }
    for (const [key, value] of settingsOf(call, kind)) settings.set(key, value)
    check(call, settings, kind)
    file.sections.set(name, { type: kind.type, settings })
  })
}

/** What every installation has is only reset. */
function remove(call: Call, kind: Kind): null {
  const name = call.text('name')
  return changeFile(call, 'notifications', ({ sections }) => {
    requireSection(call, kind)
    const users = [...sectionsOf(call)]
      .filter(([, { settings }]) => (settings.get('target') ?? '').split('\u0000').includes(name))
      .map(([matcher]) => matcher)
    if (users.length > 0 && !builtIn.has(name)) {
      throw badRequest(`cannot delete '${name}', referenced by: ${users.join(', ')}`)
    }
    sections.delete(name)
  })
}

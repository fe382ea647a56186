// Settings that only our ISO supports, and user documents beside a declaration, as cloud-init itself interprets them.
import { gzipSync } from 'node:zlib'
import { encrypt } from 'unixcrypt'
import { beforeAll, describe, expect, it } from 'vitest'
import type { GuestDocument } from '../../../src/manifest/manifest.ts'
import { seedReasons } from '../../../src/plan/first-boot/seed-documents.ts'
import { cloudInitVersions, type Understood, understand } from '../../support/cloud-init.ts'
import { DNS, documentsOf, KEY, meaning, OTHER_KEY, type Prepared, prepare } from '../../support/first-boot.ts'

const hash = (kind: string) => `${kind}${'a'.repeat(43)}`
const YESCRYPT = hash('$y$j9T$abcdefghijklmnopqrstu.$')
const BCRYPT = `$2b$10$${'a'.repeat(53)}`
const FROM_ROOT = /^no-port-forwarding.*Please login as the user/

interface Case extends Prepared {
  readonly situation: string
  readonly expected: (understood: Understood, version: string) => void
}

function account(password: string) {
  return ({ accounts }: Understood) =>
    expect(accounts.ops).toMatchObject({ password: { text: password, hashed: true }, locked: false, expires: false })
}

/** Settings that Proxmox's own drive does not support. */
const OURS: readonly Case[] = [
  ...[
    YESCRYPT,
    BCRYPT,
    hash('$gy$j9T$abcdefghijklmnopqrstu.$'),
    hash('$7$CU..../....abcdefghijklmnop$'),
    `$sha1$248488$ggu.H673kaZ5$${'a'.repeat(28)}`,
  ].map((password) => ({
    situation: `a hash of kind ${password.split('$')[1]}`,
    ...prepare(`user: ops, password: "${password}", ip: dhcp, ${DNS}`),
    expected: account(password),
  })),
  {
    situation: 'a plain password that Proxmox takes for a hash',
    ...prepare(`user: ops, password: "$1$me$you", ip: dhcp, ${DNS}`),
    expected: (told) => expect(meaning(told, '$1$me$you').accounts.ops?.password).toBe('as declared'),
  },
  ...['on', 'no', 'True', '0x10', '0123', '1.0', '1.10', 'null', '0b11', 'off.corp.example', '.5'].flatMap((name) =>
    name.startsWith('.')
      ? []
      : [
          {
            situation: `the name ${name}`,
            ...prepare(`ip: dhcp, dns: { servers: [10.0.0.53] }`, name),
            expected: ({ hostname }: Understood) => expect(hostname).toEqual({ short: name.split('.')[0], full: name }),
          },
        ],
  ),
  ...['on', 'null', 'yes', '0x1f', '1_000'].map((user) => ({
    situation: `the user ${user}`,
    ...prepare(`user: "${user}", password: hunter2, sshKeys: ["${KEY}"], ip: dhcp, ${DNS}`),
    expected: (told: Understood) =>
      expect(meaning(told, 'hunter2').accounts[user]).toMatchObject({ password: 'as declared', keys: [KEY] }),
  })),
  {
    situation: 'several search domains',
    ...prepare('ip: dhcp, dns: { servers: [10.0.0.53], domain: "a.example b.example" }'),
    expected: ({ hostname, network }) => {
      expect(hostname).toEqual({ short: 'web', full: 'web.a.example' })
      expect(JSON.stringify(network?.networkd)).toContain('"Domains=a.example b.example"')
    },
  },
  {
    situation: 'a key whose command has a colon',
    ...prepare(`user: ops, sshKeys: ['command="echo: hi #x" ${KEY}'], ip: dhcp, ${DNS}`),
    expected: ({ accounts }) => expect(accounts.ops?.keys).toEqual([`command="echo: hi #x" ${KEY}`]),
  },
  {
    situation: 'a gateway outside the prefix',
    ...prepare(`ip: 203.0.113.7/32, gateway: 198.51.100.1, ${DNS}`),
    expected: ({ network }) =>
      expect(netplan(network)).toMatchObject({
        addresses: ['203.0.113.7/32'],
        routes: [{ to: '0.0.0.0/0', via: '198.51.100.1', 'on-link': true }],
        nameservers: { addresses: ['10.0.0.53'], search: ['lab.example'] },
        match: { macaddress: 'bc:24:11:00:00:00' },
        'set-name': 'eth0',
      }),
  },
  {
    situation: 'a gateway outside the prefix, and an IPv6 gateway on the link',
    ...prepare(`ip: 203.0.113.8/32, gateway: 198.51.100.1, ip6: "2001:db8::8/128", gateway6: "fe80::1", ${DNS}`),
    expected: ({ network }) => {
      expect(netplan(network)).toMatchObject({
        routes: [{ to: '0.0.0.0/0', via: '198.51.100.1', 'on-link': true }],
        gateway6: 'fe80::1',
      })
      // 22.4 to 23.x turn `::/0` into `::/64`, unless netplan reads the document.
      expect(JSON.stringify(network)).not.toContain('::/64')
    },
  },
  {
    situation: 'an IPv6 gateway outside the prefix',
    ...prepare(`ip: dhcp, ip6: "2001:db8::8/128", gateway6: "2001:db8:1::1", ${DNS}`),
    expected: ({ network }) =>
      expect(netplan(network)).toMatchObject({
        dhcp4: true,
        routes: [{ to: '::/0', via: '2001:db8:1::1', 'on-link': true }],
      }),
  },
]

function netplan(network: Understood['network'], card = 'eth0'): unknown {
  const files = Object.values(network?.netplan ?? {}) as readonly { network: { ethernets: Record<string, unknown> } }[]
  return files[0]?.network.ethernets[card]
}

const ACCOUNT = `user: ops, password: hunter2, sshKeys: ["${KEY}"], ip: 10.0.0.5/24, gateway: 10.0.0.1, ${DNS}`
const GZIP = { base64: gzipSync('#cloud-config\npackages: [nginx]\n').toString('base64') }
const MULTIPART = `Content-Type: multipart/mixed; boundary="BOUNDARY"
MIME-Version: 1.0

--BOUNDARY
Content-Type: text/cloud-config; charset="us-ascii"

#cloud-config
packages: [nginx]
--BOUNDARY
Content-Type: text/x-shellscript; charset="us-ascii"; name="hello.sh"
Content-Disposition: attachment; filename="hello.sh"

#!/bin/sh
echo hello
--BOUNDARY--
`

interface Own {
  readonly userData?: GuestDocument
  readonly vendorData?: GuestDocument
}

const cloudConfig = (text: string) => `#cloud-config\n${text}\n`
const NGINX = cloudConfig('packages: [nginx]')

/** User documents that must not change how the declaration is interpreted, and what they contain themselves. */
const BESIDE: readonly (readonly [situation: string, own: Own, rest: object, parts?: readonly string[]])[] = [
  ['user-data', { userData: NGINX }, { packages: ['nginx'] }],
  ['user-data with CRLF', { userData: NGINX.replaceAll('\n', '\r\n') }, { packages: ['nginx'] }],
  ['vendor-data', { vendorData: NGINX }, { packages: ['nginx'] }],
  ['both', { userData: cloudConfig('runcmd: [ls]'), vendorData: NGINX }, { packages: ['nginx'], runcmd: ['ls'] }],
  ['an empty cloud-config', { userData: cloudConfig('{}') }, {}],
  ['a script', { userData: '#!/bin/sh\necho hello\n' }, {}, ['part-001']],
  ['a compressed document', { userData: GZIP }, { packages: ['nginx'] }],
  ['a multi-part document', { userData: MULTIPART }, { packages: ['nginx'] }, ['hello.sh']],
  [
    'user-data that turns vendor-data off',
    { userData: cloudConfig('vendor_data: { enabled: false }\npackages: [nginx]') },
    { packages: ['nginx'] },
  ],
  [
    'user-data with the default user',
    { userData: cloudConfig('users: [default]\npackages: [nginx]') },
    { packages: ['nginx'] },
  ],
  ['a packed vendor document', { vendorData: GZIP }, { packages: ['nginx'] }],
]

const cases: readonly Case[] = [
  ...OURS,
  ...BESIDE.map(([situation, own, rest, parts = []]) => {
    const { machine } = prepare(ACCOUNT)
    const withOwn = { ...machine, cloudInit: { ...machine.cloudInit, ...own } as never }
    return {
      situation: `${situation} beside an account`,
      machine: withOwn,
      ours: documentsOf(withOwn),
      expected: (told: Understood, version: string) => {
        const alone = meaning(answersOf(version, 0), 'hunter2')
        expect(meaning(told, 'hunter2')).toEqual({ ...alone, rest, parts })
      },
    }
  }),
  {
    situation: 'user-data with users of its own',
    ...withDocument(cloudConfig(`users: [{ name: eve, ssh_authorized_keys: ["${OTHER_KEY}"] }]`)),
    expected: (told) => {
      const { accounts } = meaning(told, 'hunter2')
      expect(accounts.ops).toMatchObject({ password: 'as declared', keys: [KEY] })
      expect(accounts.eve?.keys).toEqual([OTHER_KEY])
    },
  },
  {
    situation: 'vendor-data with users, keys and no upgrade of its own',
    ...prepare(
      `${ACCOUNT}, vendorData: "#cloud-config\\npackage_upgrade: false\\nusers: [{ name: eve }]\\nssh_authorized_keys: [${OTHER_KEY}]\\n"`,
    ),
    expected: (told) => {
      const { accounts, upgrade } = meaning(told, 'hunter2')
      expect(upgrade).toBe(false)
      expect(accounts.ops).toMatchObject({ password: 'as declared', keys: [KEY, OTHER_KEY].toSorted() })
      expect(Object.keys(accounts).sort()).toEqual(['eve', 'ops', 'root'])
    },
  },
  {
    situation: 'user-data with keys of its own',
    ...withDocument(cloudConfig(`ssh_authorized_keys: ["${OTHER_KEY}"]`)),
    expected: ({ accounts }) => expect(accounts.ops?.keys).toEqual([KEY, OTHER_KEY].toSorted()),
  },
  {
    situation: 'user-data with a host name of its own, which holds',
    ...withDocument(cloudConfig('hostname: other\nfqdn: other.example\npackage_upgrade: false')),
    expected: ({ hostname, upgrade }) =>
      expect({ hostname, upgrade }).toEqual({ hostname: { short: 'other', full: 'other.example' }, upgrade: false }),
  },
  {
    situation: 'root beside vendor-data',
    ...prepare(`user: root, sshKeys: ["${KEY}"], ip: dhcp, ${DNS}, vendorData: "#cloud-config\\npackages: [vim]\\n"`),
    expected: ({ accounts }) => {
      expect(accounts.root?.keys).toContain(KEY)
      expect(accounts.root?.keys.filter((key) => FROM_ROOT.test(key))).toEqual([])
    },
  },
  {
    situation: 'a network document of its own',
    ...prepare('networkConfig: "version: 2\\nethernets: { any: { match: { name: \\"e*\\" }, dhcp4: true } }\\n"'),
    expected: ({ network }) => expect(netplan(network, 'any')).toEqual({ match: { name: 'e*' }, dhcp4: true }),
  },
]

function withDocument(userData: GuestDocument): Prepared {
  const { machine } = prepare(ACCOUNT)
  const own = { ...machine, cloudInit: { ...machine.cloudInit, userData } as never }
  return { machine: own, ours: documentsOf(own) }
}

const versions = cloudInitVersions()
const answers = new Map<string, readonly Understood[]>()

/** The first answer is about the account only. */
function answersOf(version: string, index: number): Understood {
  const found = answers.get(version)?.[index]
  if (found === undefined) throw new Error('not understood')
  return found
}

const reason = versions.length === 0 ? " (skipped: cloud-init's Python is not here)" : ''

describe.skipIf(versions.length === 0)(`the CD of the engine${reason}`, () => {
  beforeAll(() => {
    const documents = [prepare(ACCOUNT).ours, ...cases.map(({ ours }) => ours)]
    for (const version of versions) answers.set(version.name, understand(version, documents))
  })

  const table = versions.flatMap(({ name }) => cases.map((one, index) => ({ ...one, version: name, index })))

  it.each(table)('brings $situation to cloud-init of $version', ({ version, index, expected }) => {
    const told = answersOf(version, index + 1)
    expected(told, version)
    expect(told.warnings).toEqual([])
  })

  it('needs a CD for each of them', () => {
    expect(cases.filter(({ machine }) => seedReasons(machine).length === 0).map(({ situation }) => situation)).toEqual(
      [],
    )
  })
})

it('hashes a plain password as crypt(5) does', () => {
  expect(encrypt('hunter2', '$6$saltsaltsalt')).toMatch(/^\$6\$saltsaltsalt\$[./0-9A-Za-z]{86}$/)
})

// The schema of `cloudInit`: what a machine applies at its first boot.
import * as z from 'zod/mini'
import { holdsPublicKeys, NO_KEY, PUBLIC_KEY_WANTED, readPublicKeys } from '../public-key.ts'
import { anyText, counted, described, dnsName, filePath, flag, key, text, webUrl } from './values.ts'

const IP4_WANTED = 'must be "dhcp" or an IPv4 address with its prefix, such as "10.0.0.5/24"'
const IP6_WANTED = 'must be "dhcp", "auto" or an IPv6 address with its prefix, such as "2001:db8::5/64"'
/** Suggests the probable meaning: a netmask instead of a prefix, capital letters, or an address of the other family. */
function ipWanted(wanted: string, other: 'ip' | 'ip6') {
  return ({ input }: { readonly input?: unknown }): string => {
    if (typeof input !== 'string') return wanted
    const [, address = '', mask = ''] = /^([\d.]+)[/ ]((?:\d+\.){3}\d+)$/.exec(input) ?? []
    const prefix = prefixOf(mask)
    if (prefix !== undefined) return `${wanted}: did you mean "${address}/${prefix}"?`
    if (/^(?:dhcp|auto)$/i.test(input) && wanted.includes(`"${input.toLowerCase()}"`))
      return `${wanted}: did you mean "${input.toLowerCase()}"?`
    const isOther = other === 'ip6' ? /^[0-9a-f]*:[0-9a-f:]+/i.test(input) : /^(?:\d+\.){3}\d+/.test(input)
    return isOther ? `${wanted}: use \`${other}\` for this one` : wanted
  }
}

/** `255.255.255.0` → 24 */
function prefixOf(mask: string): number | undefined {
  const bits = mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('')
  if (bits.length !== 32 || !/^1+0*$/.test(bits)) return undefined
  return bits.replaceAll('0', '').length
}

const fixed4 = described(z.cidrv4({ error: ipWanted(IP4_WANTED, 'ip6') }), { errorMessage: IP4_WANTED })
const fixed6 = described(z.cidrv6({ error: ipWanted(IP6_WANTED, 'ip') }), { errorMessage: IP6_WANTED })

const addressFields = {
  ip: key(z.union([z.literal('dhcp'), counted(fixed4, IP4_WANTED)], { error: IP4_WANTED }), {
    description:
      '"dhcp", or an address with its prefix, such as "10.0.0.5/24". With `count`: a list, or { from: "10.0.0.11/24" } for consecutive addresses. Default: DHCP on every card.',
  }),
  gateway: key(z.ipv4({ error: 'must be an IPv4 address' }), {
    description: 'IPv4 gateway.',
    errorMessage: 'must be an IPv4 address',
  }),
  ip6: key(z.union([z.enum(['dhcp', 'auto']), counted(fixed6, IP6_WANTED)], { error: IP6_WANTED }), {
    description: '"auto", "dhcp", or an address with its prefix. With `count` as `ip`.',
  }),
  gateway6: key(z.ipv6({ error: 'must be an IPv6 address' }), {
    description: 'IPv6 gateway.',
    errorMessage: 'must be an IPv6 address',
  }),
  onLink: key(flag(), {
    description:
      'The gateway is outside the prefix but directly reachable. Not needed with /32, /128 and link-local gateways.',
  }),
}
export const address = z.strictObject(addressFields)

const fill = key(flag(), {
  description:
    'Replace "${env:NAME}", "${secret:NAME}", "${var:NAME}", and "${machine:name}", "${machine:index}", "${machine:ip}", "${machine:ip6}". Default: the document is passed on unchanged.',
})
const DOCUMENT_WANTED = 'must be a string, { file: PATH } or { text: TEXT, fill: true }'

/** Explains how to turn a mapping into a document, because users often write one in its place. */
function documentWanted({ input }: { readonly input?: unknown }): string {
  return typeof input === 'object' && input !== null && !('file' in input) && !('text' in input)
    ? `${DOCUMENT_WANTED}: put \`|\` after the key to make the lines below it a string`
    : DOCUMENT_WANTED
}

const document = (what: string) =>
  key(
    z.union([z.string(), z.strictObject({ file: filePath, fill }), z.strictObject({ text: z.string(), fill })], {
      error: documentWanted,
    }),
    { description: `${what}: the text, { file: PATH } relative to the manifest, or { text: TEXT }.` },
  )

const DOMAIN_WANTED = 'must be a valid DNS name, or several separated by spaces'
function domainWanted({ input }: { readonly input?: unknown }): string {
  return Array.isArray(input) ? `${DOMAIN_WANTED}: use \`domains\` for a list` : DOMAIN_WANTED
}
const LABEL = '[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?'
const NAME = `${LABEL}(\\.${LABEL})*\\.?`
/** Detects a path or an address in place of a key, which is the most common mistake. */
function keyWanted({ input }: { readonly input?: unknown }): string {
  if (typeof input !== 'string') return PUBLIC_KEY_WANTED
  if (/^https?:\/\//.test(input)) return `must be an SSH public key: did you mean { url: ${JSON.stringify(input)} }?`
  if (/^(~|\.{0,2}\/)|\.pub$/.test(input.trim()))
    return `must be an SSH public key: did you mean { file: ${JSON.stringify(input)} }?`
  const reason = readPublicKeys(input).dropped[0]?.reason
  return reason === undefined || reason === NO_KEY
    ? PUBLIC_KEY_WANTED
    : `must be an SSH public key, and this one ${reason}`
}
const insecure = key(flag(), {
  description: 'Allow keys over plain http, where anyone on the network can change them.',
})
/** For editors, which cannot decode a key. */
const KEY_PATTERN = '(^|\\s)\\S+ AAAA[A-Za-z0-9+/]{16,}'
const publicKey = described(z.string().check(z.refine(holdsPublicKeys, { error: keyWanted })), {
  pattern: KEY_PATTERN,
  errorMessage: PUBLIC_KEY_WANTED,
})
const USER_WANTED =
  'must be a user name: letters, digits, "_", "-", "." and "@", not digits alone, at most 64, and no "-" or "." first'

export const cloudInit = described(
  z.strictObject({
    user: key(text(/^(?![0-9]+$)[a-zA-Z0-9_][a-zA-Z0-9_.@-]{0,62}\$?$/, USER_WANTED), {
      description: "User that cloud-init creates. Default: the image's own.",
    }),
    password: key(anyText(), {
      description:
        'Password in plain text, or a hash such as `mkpasswd` prints. Use "${secret:NAME}" instead of writing it down.',
    }),
    sshKeys: key(
      z.array(
        z.union([publicKey, z.strictObject({ file: filePath }), z.strictObject({ url: webUrl, insecure })], {
          error: keyWanted,
        }),
      ),
      { description: 'Public keys: text, { file: PATH } or { url: ADDRESS }.' },
    ),
    ...addressFields,
    addresses: key(z.array(address), {
      description: 'One entry for each network card, in order. Use it instead of ip, gateway, ip6 and gateway6.',
    }),
    dns: key(
      z.strictObject({
        servers: key(z.array(z.union([z.ipv4(), z.ipv6()], { error: 'must be an IP address' })), {
          description:
            'Addresses of name servers. Default: those of the node, if Proxmox writes the cloud-init drive; a change on the node then makes cloud-init run again.',
        }),
        domain: key(
          z.string({ error: domainWanted }).check(z.regex(new RegExp(`^${NAME}([ ,]+${NAME})*$`), DOMAIN_WANTED)),
          {
            errorMessage: DOMAIN_WANTED,
            description:
              'Search domain, or several separated by spaces. The first one also becomes part of the host name.',
          },
        ),
        domains: key(z.array(dnsName).check(z.minLength(1)), { description: 'Search domains as a list.' }),
      }),
      { description: 'Name servers and search domains.' },
    ),
    upgrade: key(flag(), { description: 'Upgrade packages at the first boot. Default: yes, as in Proxmox.' }),
    userData: document(
      'A user-data document. It is merged with the other settings here; the document wins where both set the same thing',
    ),
    networkConfig: document('A network-config document, instead of addresses and `dns`'),
    vendorData: document('A vendor-data document'),
  }),
  {
    description:
      'Settings for cloud-init. Proxmox writes them to its cloud-init drive. Documents, and settings that Proxmox does not have, go on a NoCloud ISO. Neither SSH nor snippets are needed.',
  },
)

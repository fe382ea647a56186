// Property strings that the API schema contains by name only: their keys, and Proxmox's checks across them.
import { cpuFlags, isCpuType, reportedModels } from './cpu-models.ts'
import type { PropertyRule, PropertyRules, ProxmoxVersion } from './rules.ts'

type Fields = Readonly<Record<string, string>>

/** A named property string: its keys, by version if they differ, and a final check of all keys together. */
export type PropertyFormat = {
  readonly rules: (version: ProxmoxVersion) => PropertyRules
  readonly check?: (fields: Fields, version: ProxmoxVersion) => string | undefined
}

const optional = (rule: PropertyRule): PropertyRule => ({ optional: true, ...rule })
const flag: PropertyRule = { type: 'boolean', optional: true }
const integer: PropertyRule = { type: 'integer', optional: true }
const text = (rule: PropertyRule = {}): PropertyRule => optional({ type: 'string', ...rule })

const always = (rules: PropertyRules) => (): PropertyRules => rules
const since9 = (version: ProxmoxVersion, rules: PropertyRules): PropertyRules => (version === '8.4' ? {} : rules)

const snippet = text({ format: 'pve-volume-id' })
const base64 = text({ pattern: '[A-Za-z0-9+/]+={0,2}' })
const count: PropertyRule = { type: 'integer', optional: true, minimum: 0 }
const pciAddress = '(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\\.[a-f0-9])?'
const hexId = text({ pattern: '^0x[0-9a-fA-F]{4}$' })
const anyFlag = '[+-][a-zA-Z0-9\\-_.]+'

/** By the name that the API schema uses. */
export const propertyFormats: Readonly<Record<string, PropertyFormat>> = {
  'pve-node-location': {
    rules: always({
      name: text({ maxLength: 128 }),
      latitude: { type: 'number', minimum: -90, maximum: 90 },
      longitude: { type: 'number', minimum: -180, maximum: 180 },
    }),
  },
  'proxmox-remote': {
    rules: always({
      host: { type: 'string' },
      port: integer,
      apitoken: { type: 'string' },
      fingerprint: text({ pattern: '(?:[A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}' }),
    }),
  },
  'realm-sync-options': {
    rules: always({
      scope: text({ enum: ['users', 'groups', 'both'] }),
      'remove-vanished': text({ pattern: '(?:(?:(?:acl|properties|entry);)*(?:acl|properties|entry))|none' }),
      full: flag,
      'enable-new': flag,
      purge: flag,
    }),
  },
  'pve-tfa-config': {
    rules: always({
      type: { type: 'string', enum: ['yubico', 'oath'] },
      id: text(),
      key: text(),
      url: text(),
      digits: { type: 'integer', optional: true, minimum: 6, maximum: 8 },
      step: { type: 'integer', optional: true, minimum: 10 },
    }),
  },
  'backup-fleecing': {
    rules: always({
      enabled: { type: 'boolean', optional: true, defaultKey: true },
      storage: text({ format: 'pve-storage-id' }),
    }),
    check: ({ enabled, storage }) =>
      enabled === '1' && storage === undefined ? "'storage' parameter is required when 'enabled' is set\n" : undefined,
  },
  'backup-performance': {
    rules: always({
      'max-workers': { type: 'integer', optional: true, minimum: 1, maximum: 256 },
      'pbs-entries-max': { type: 'integer', optional: true, minimum: 1 },
    }),
  },
  'pve-qm-boot': {
    rules: always({
      legacy: text({ defaultKey: true, pattern: '[acdn]{1,4}' }),
      order: text({ format: 'pve-qm-bootdev-list' }),
    }),
  },
  'pve-qm-cicustom': { rules: always({ meta: snippet, network: snippet, user: snippet, vendor: snippet }) },
  'pve-qm-ipconfig': {
    rules: always({
      ip: text({ format: 'pve-ipv4-config' }),
      gw: text({ format: 'ipv4', requires: 'ip' }),
      ip6: text({ format: 'pve-ipv6-config' }),
      gw6: text({ format: 'ipv6', requires: 'ip6' }),
    }),
  },
  'pve-qm-rng': {
    rules: always({
      source: { type: 'string', enum: ['/dev/urandom', '/dev/random', '/dev/hwrng'], defaultKey: true },
      max_bytes: integer,
      period: integer,
    }),
  },
  'pve-qm-smbios1': {
    rules: always({
      uuid: text({ pattern: '[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}' }),
      version: base64,
      serial: base64,
      manufacturer: base64,
      product: base64,
      sku: base64,
      family: base64,
      base64: flag,
    }),
  },
  'pve-qm-watchdog': {
    rules: always({
      model: text({ defaultKey: true, enum: ['i6300esb', 'ib700'] }),
      action: text({ enum: ['reset', 'shutdown', 'poweroff', 'pause', 'debug', 'none'] }),
    }),
  },
  'pve-qm-hostpci': {
    rules: (version) => ({
      host: text({ defaultKey: true, pattern: `${pciAddress}(?:;${pciAddress})*` }),
      mapping: text({ format: 'pve-configid' }),
      rombar: flag,
      romfile: text({ pattern: '[^,;]+' }),
      pcie: flag,
      'x-vga': flag,
      'legacy-igd': flag,
      mdev: text({ pattern: '[^/.:]+' }),
      'vendor-id': hexId,
      'device-id': hexId,
      'sub-vendor-id': hexId,
      'sub-device-id': hexId,
      ...since9(version, { driver: text({ enum: ['vfio', 'keep'] }) }),
    }),
  },
  'pve-qemu-sev-fmt': {
    rules: always({
      type: { type: 'string', defaultKey: true, enum: ['std', 'es', 'snp'], maxLength: 3 },
      'no-debug': flag,
      'no-key-sharing': flag,
      'allow-smt': flag,
      'kernel-hashes': flag,
    }),
  },
  'pve-qemu-tdx-fmt': {
    rules: always({
      type: { type: 'string', defaultKey: true, enum: ['tdx'] },
      attestation: { type: 'boolean' },
      'vsock-cid': { type: 'integer', optional: true, minimum: 2 },
      'vsock-port': count,
    }),
  },
  'pve-vm-cpu-conf': { rules: cpuRules, check: checkCpu },
  'prune-backups': {
    rules: always({
      'keep-all': flag,
      'keep-last': count,
      'keep-hourly': count,
      'keep-daily': count,
      'keep-weekly': count,
      'keep-monthly': count,
      'keep-yearly': count,
    }),
    check: ({ 'keep-all': all = '0', ...others }) =>
      all !== '0' && Object.values(others).some((kept) => Number(kept) > 0)
        ? 'keep-all cannot be set together with other options.\n'
        : undefined,
  },
}

function cpuRules(version: ProxmoxVersion): PropertyRules {
  return {
    cputype: text({ defaultKey: true }),
    'reported-model': text({ enum: reportedModels(version) }),
    hidden: flag,
    'hv-vendor-id': text({ pattern: '[a-zA-Z0-9]{1,12}' }),
    flags: text({ pattern: `${anyFlag}(?:;${anyFlag})*` }),
    'phys-bits': text({ format: 'pve-phys-bits' }),
    ...since9(version, {
      'guest-phys-bits': { type: 'integer', optional: true, minimum: 32, maximum: 64 },
      level: { type: 'integer', optional: true, minimum: 0, maximum: 4_294_967_295 },
    }),
  }
}

function checkCpu({ cputype, flags, 'reported-model': reported }: Fields, version: ProxmoxVersion): string | undefined {
  if (!cputype) return 'CPU is missing cputype\n'
  if (cputype.startsWith('custom-')) return `Custom cputype '${cputype.slice('custom-'.length)}' not found\n`
  if (!isCpuType(cputype, version)) {
    return `Built-in cputype '${cputype}' is not defined (missing 'custom-' prefix?)\n`
  }
  const allowed = cpuFlags(version)
  if (flags?.split(';').some((entry) => !allowed.includes(entry.slice(1)))) {
    return `VM-specific CPU flags must be a subset of: ${allowed.join(', ')}\n`
  }
  return reported === undefined ? undefined : "Property 'reported-model' not allowed in VM-specific CPU config.\n"
}

// Each parameter of a simulated method has an effect, is refused with 501, or is listed here with the reason why it changes nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { endpoints } from '../../src/api/endpoints.ts'
import { createSimulator } from '../../src/index.ts'
import { methodRules } from '../../src/schema/rules.ts'
import { clientOf, ended } from '../support/client.ts'

const source = join(import.meta.dirname, '../../src')

/** Why no source file names them. */
const withoutEffect: readonly (readonly [why: string, path: RegExp, parameters: RegExp])[] = [
  ['kept as they are and given back', /^\/cluster\/options$|^\/storage|\/config$|\/firewall\/options$/, /./],
  ['kept as they are and given back', /^\/nodes\/\{node\}\/qemu$/, /./],
  ['there are no containers and no backup jobs to change', /\/lxc\/|^\/cluster\/(backup|replication|sdn|ceph)/, /./],
  ['the guest of a simulated machine has no users', /agent\/set-user-password$/, /^(crypted|username)$/],
  ['suspending to disk is refused as a whole', /status\/suspend$/, /^statestorage$/],
  ['for root only, between the nodes of a migration', /status\/(start|stop|shutdown|resume)$/, /./],
  ['nothing tracks connections', /\/migrate$/, /^with-conntrack-state$/],
  ['no node reports CPU flags', /cpu-flags$/, /^(accel|arch)$/],
  ['kept as they are and given back', /\/network(\/\{iface\})?$|\/realm-sync\//, /^(?!regenerate-frr$)/],
  ['no routes are announced', /\/network$/, /^regenerate-frr$/],
  ['refused as a whole', /\/sync$|\/openid\/|\/vncticket$/, /./],
]

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return entry.name.endsWith('.ts') ? [readFileSync(path, 'utf8')] : []
  })
}

const families: readonly (readonly [path: RegExp, folder: string])[] = [
  [/\/firewall/, 'api/firewall'],
  [/\/qemu/, 'api/qemu'],
  [/\/storage|query-url-metadata$/, 'api/storage'],
  [/^\/access/, 'api/access'],
  [/^\/(cluster|pools)/, 'api/cluster'],
  [/^\/nodes/, 'api/nodes'],
]

/** Returns what the methods of a path may read, directly or through other files. */
function sourceOf(path: string): string {
  const folder = families.find(([pattern]) => pattern.test(path))?.[1]
  const own = folder === undefined ? [] : sources(join(source, folder))
  const tasks = readFileSync(join(source, 'api/tasks.ts'), 'utf8')
  const shared = path.includes('/capabilities') ? sources(join(source, 'api/nodes')) : []
  return [...own, ...shared, tasks, ...sources(join(source, 'guests')), ...sources(join(source, 'http'))].join('\n')
}

const names = (text: string, parameter: string): boolean =>
  new RegExp(`['"\`.{ ]${parameter.replaceAll('-', '\\-')}\\b`).test(text)

test.each(['9.2', '8.4'] as const)('each parameter of %s has an effect or a reason for having none', (version) => {
  const rules = methodRules(version)
  const ignored = endpoints.flatMap(({ method, path }) => {
    const rule = rules.find((one) => one.method === method && one.template === path)
    const text = sourceOf(path)
    return Object.keys(rule?.parameters ?? {})
      .filter((parameter) => !path.includes(`{${parameter}}`) && !names(text, parameter))
      .filter((parameter) => !withoutEffect.some(([, only, ones]) => only.test(path) && ones.test(parameter)))
      .map((parameter) => `${method} ${path} ${parameter}`)
  })
  expect(ignored).toEqual([])
})

test('tasks are listed by how they ended', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, bios: 'ovmf' }))
  await ended(api, await api('POST', '/nodes/pve/qemu/100/status/start'))
  await ended(api, await api('POST', '/nodes/pve/qemu/100/status/start'))
  const typesWith = async (filter: Record<string, string | number>): Promise<readonly string[]> => {
    const { data } = await api('GET', '/nodes/pve/tasks', filter)
    return (data as { type: string; status: string }[]).map(({ type, status }) => `${type} ${status}`)
  }
  const [ok, warning, errors] = [
    await typesWith({ statusfilter: 'ok' }),
    await typesWith({ statusfilter: 'warning' }),
    await typesWith({ errors: 1, statusfilter: 'ok' }),
  ]
  const byUser = await typesWith({ userfilter: 'ROOT', statusfilter: 'error,OK' })
  await simulator.close()
  expect(ok).toEqual(['qmcreate OK'])
  expect(warning).toEqual(['qmstart WARNINGS: 1'])
  expect(errors, 'warnings count as errors, and the other filter does not count').toEqual([
    'qmstart VM 100 already running',
    'qmstart WARNINGS: 1',
  ])
  expect(byUser).toEqual(['qmstart VM 100 already running', 'qmcreate OK'])
})

test('downloading the log of a task is refused as not simulated', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const { data } = await api('POST', '/nodes/pve/qemu', { vmid: 100 })
  const answer = await api('GET', `/nodes/pve/tasks/${encodeURIComponent(String(data))}/log`, { download: 1 })
  await simulator.close()
  expect(answer.status).toBe(501)
})

test('one disk of a template can be made a base after the others', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const disks = { scsi0: 'local:1,format=qcow2', scsi1: 'local:1,format=qcow2' }
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, ...disks }))
  const one = await ended(api, await api('POST', '/nodes/pve/qemu/100/template', { disk: 'scsi1' }))
  const between = (await api('GET', '/nodes/pve/qemu/100/config')).data
  const other = await ended(api, await api('POST', '/nodes/pve/qemu/100/template', { disk: 'scsi0' }))
  const whole = await api('POST', '/nodes/pve/qemu/100/template')
  await simulator.close()
  expect([one.exitStatus, other.exitStatus]).toEqual(['OK', 'OK'])
  expect(between).toMatchObject({
    template: 1,
    scsi0: expect.stringContaining('/vm-'),
    scsi1: expect.stringContaining('/base-'),
  })
  expect(whole.reason).toBe("you can't convert a template to a template")
})

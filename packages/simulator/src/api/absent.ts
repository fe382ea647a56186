// Answers for things that cannot be created in the simulator, as a server without any of them answers.
import { badParameters, failure, notSimulated } from '../errors.ts'
import type { Call, Endpoint } from './call.ts'

type Path = readonly [method: Endpoint['method'], path: string]
type Refusal = (call: Call) => Error

const get = (...paths: readonly string[]): readonly Path[] => paths.map((path) => ['GET', path])

const refusing = (paths: readonly Path[], refusal: Refusal): readonly Endpoint[] =>
  paths.map(([method, path]) => ({
    path,
    method,
    handle: (call) => {
      throw refusal(call)
    },
  }))

const answering = (paths: readonly string[], answer: (call: Call) => unknown): readonly Endpoint[] =>
  paths.map((path) => ({ path, method: 'GET', handle: answer }))

const guests = ['qemu', 'lxc'].map((kind) => `/nodes/{node}/${kind}/{vmid}`)
const firewalls = ['/cluster/firewall', ...guests.map((guest) => `${guest}/firewall`)]
const container = '/nodes/{node}/lxc/{vmid}'
const emptyDigest = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'

/** Containers. All requests for one first read its configuration, except what a task does. */
const containers = refusing(
  [
    ...get(
      ...['', '/config', '/pending', '/status', '/status/current', '/snapshot', '/snapshot/{snapname}'].map(
        (end) => container + end,
      ),
      ...['/snapshot/{snapname}/config', '/feature', '/migrate'].map((end) => container + end),
    ),
    ['PUT', `${container}/config`],
    ['PUT', `${container}/resize`],
    ['POST', `${container}/clone`],
    ['POST', `${container}/template`],
    ['DELETE', container],
  ],
  ({ node, parameters }) => failure(`Configuration file 'nodes/${node}/lxc/${parameters.vmid}.conf' does not exist`),
)

const jobs = refusing(
  get('/cluster/backup/{id}', '/cluster/backup/{id}/included_volumes', '/cluster/jobs/realm-sync/{id}'),
  (call) => badParameters({ id: `No such job '${call.text('id')}'` }),
)

const rules = refusing(
  get(...firewalls.map((path) => `${path}/rules/{pos}`), '/nodes/{node}/firewall/rules/{pos}'),
  (call) => failure(`no rule at position ${call.text('pos')}`),
)

const sdn = ['zones/{zone}', 'controllers/{controller}', 'dns/{dns}'].flatMap((path) =>
  refusing(get(`/cluster/sdn/${path}`), (call) =>
    failure(`sdn '${call.text(/\{(.*)\}/.exec(path)?.[1] ?? '')}' does not exist`),
  ),
)

const noCeph = (): Error => failure('binary not installed: /usr/bin/ceph-mon')

export const absentEndpoints: readonly Endpoint[] = [
  ...containers,
  ...refusing(
    ['status/stop', 'status/shutdown'].map((end): Path => ['POST', `${container}/${end}`]),
    (call) => failure(`CT ${call.text('vmid')} not running`),
  ),
  ...answering([`${container}/interfaces`], () => null),
  ...jobs,
  ...refusing([['PUT', '/cluster/backup/{id}']], () => failure('no such vzdump job')),
  ...rules,
  ...refusing(get(...firewalls.map((path) => `${path}/ipset/{name}`)), (call) =>
    failure(`no such IPSet '${call.text('name')}'`),
  ),
  ...refusing(get(...firewalls.map((path) => `${path}/aliases/{name}`)), () =>
    badParameters({ name: 'no such alias' }),
  ),
  ...refusing([...get('/cluster/firewall/groups/{group}'), ['DELETE', '/cluster/firewall/groups/{group}']], (call) =>
    failure(`no such security group '${call.text('group')}'`),
  ),
  ...answering(
    [...firewalls, '/nodes/{node}/firewall'].map((path) => `${path}/options`),
    () => ({ digest: emptyDigest }),
  ),
  ...sdn,
  ...refusing(
    [...get('/cluster/sdn/vnets/{vnet}', '/cluster/sdn/vnets/{vnet}/subnets'), ['DELETE', '/cluster/sdn/vnets/{vnet}']],
    (call) => failure(`sdn vnet '${call.text('vnet')}' does not exist`),
  ),
  ...answering(['/cluster/sdn/ipams'], () => [ipam]),
  ...answering(['/cluster/sdn/ipams/{ipam}'], (call) => {
    if (call.text('ipam') !== 'pve') throw failure(`sdn '${call.text('ipam')}' does not exist`)
    return ipam
  }),
  ...refusing(get('/cluster/metrics/server/{id}'), (call) =>
    failure(`status server entry '${call.text('id')}' does not exist`),
  ),
  ...refusing(get('/cluster/replication/{id}'), (call) => failure(`no such replication job '${call.text('id')}'`)),
  ...refusing([['DELETE', '/cluster/replication/{id}']], (call) => failure(`no such job '${call.text('id')}'`)),
  ...answering(['/cluster/acme/plugins'], () => [plugin]),
  ...answering(['/cluster/acme/plugins/{id}'], (call) => {
    if (call.text('id') !== 'standalone') throw failure(`ACME plugin '${call.text('id')}' not defined`)
    return plugin
  }),
  ...answering(['/cluster/config/totem'], (call) => alone(call, null)),
  ...answering(['/cluster/config/qdevice'], (call) => alone(call, {})),
  ...answering(['/cluster/config/apiversion'], () => '1'),
  ...refusing(
    get(
      '/nodes/{node}/ceph/status',
      '/nodes/{node}/ceph/osd',
      '/cluster/ceph/status',
      '/cluster/ceph/flags',
      '/cluster/ceph/metadata',
    ),
    noCeph,
  ),
  ...answering(['/cluster/backup-info/not-backed-up'], withoutBackup),
]

/** Returns the answer of a server that is not in a cluster. */
function alone<Answer>({ world }: Call, answer: Answer): Answer {
  if (world.nodes.size > 1) throw notSimulated("corosync's own configuration")
  return answer
}

const ipam = { ipam: 'pve', type: 'pve', digest: emptyDigest }
const plugin = { plugin: 'standalone', type: 'standalone', digest: emptyDigest }

/** Lists all machines, because there are no backup jobs. */
function withoutBackup(call: Call): readonly Record<string, unknown>[] {
  return call.world.machines
    .all()
    .filter(({ vmid }) => call.may(`/vms/${vmid}`, 'VM.Audit'))
    .map(({ vmid, config }) => ({ vmid, type: 'qemu', name: config.values.get('name') }))
}

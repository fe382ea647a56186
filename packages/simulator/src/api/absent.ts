// Answers for things that cannot be created in the simulator, as a server without any of them answers.
import { failure, notSimulated } from '../errors.ts'
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
  (call) => noContainer(call),
)

/** Calls whose task finds out that there is no container. */
const containerTasks: readonly (readonly [path: Path, type: string])[] = [
  [['POST', `${container}/status/start`], 'vzstart'],
  [['POST', `${container}/snapshot`], 'vzsnapshot'],
  [['DELETE', `${container}/snapshot/{snapname}`], 'vzdelsnapshot'],
  [['POST', `${container}/snapshot/{snapname}/rollback`], 'vzrollback'],
]

const noContainer = ({ node, parameters }: Call): Error =>
  failure(`Configuration file 'nodes/${node}/lxc/${parameters.vmid}.conf' does not exist`)

const sdn = ['controllers/{controller}', 'dns/{dns}'].flatMap((path) =>
  refusing(get(`/cluster/sdn/${path}`), (call) =>
    failure(`sdn '${call.text(/\{(.*)\}/.exec(path)?.[1] ?? '')}' does not exist`),
  ),
)

const noCeph = (): Error => failure('binary not installed: /usr/bin/ceph-mon')

export const absentEndpoints: readonly Endpoint[] = [
  ...containers,
  ...containerTasks.map(
    ([[method, path], type]): Endpoint => ({
      path,
      method,
      handle: (call) => call.task(type, call.text('vmid'), () => Promise.reject(noContainer(call))),
    }),
  ),
  ...refusing(
    ['status/stop', 'status/shutdown', 'status/suspend'].map((end): Path => ['POST', `${container}/${end}`]),
    (call) => failure(`CT ${call.text('vmid')} not running`),
  ),
  ...refusing([['POST', `${container}/status/reboot`]], (call) => failure(`VM ${call.text('vmid')} not running`)),
  ...answering([`${container}/interfaces`], () => null),
  ...sdn,
  ...answering(['/cluster/sdn/ipams'], () => [ipam]),
  ...answering(['/cluster/sdn/ipams/{ipam}'], (call) => {
    if (call.text('ipam') !== 'pve') throw failure(`sdn '${call.text('ipam')}' does not exist`)
    return ipam
  }),
  ...answering(['/cluster/sdn/ipams/{ipam}/status'], addresses),
  ...answering(['/cluster/acme/directories'], () => [
    { name: "Let's Encrypt V2", url: 'https://acme-v02.api.letsencrypt.org/directory' },
    { name: "Let's Encrypt V2 Staging", url: 'https://acme-staging-v02.api.letsencrypt.org/directory' },
  ]),
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
]

/** Returns the answer of a server that is not in a cluster. */
function alone<Answer>({ world }: Call, answer: Answer): Answer {
  if (world.nodes.size > 1) throw notSimulated("corosync's own configuration")
  return answer
}

const ipam = { ipam: 'pve', type: 'pve', digest: emptyDigest }
const plugin = { plugin: 'standalone', type: 'standalone', digest: emptyDigest }

/** Addresses are only given out in zones with DHCP. */
function addresses(call: Call): readonly never[] {
  if (call.text('ipam') !== 'pve') {
    throw failure('Currently only PVE IPAM is supported! at /usr/share/perl5/PVE/API2/Network/SDN/Ipams.pm line 295.')
  }
  const zones = [...call.world.sectionFiles.zones.sections.values()]
  if (zones.some(({ settings }) => settings.has('dhcp'))) throw notSimulated('the addresses of a zone with DHCP')
  return []
}

// What may differ between a recorded and a simulated answer, and why. Everything else must be equal.

/** The position of a value in an answer. */
export type Field = {
  /** `GET /nodes/{node}/qemu/{vmid}/config` */
  readonly route: string
  readonly path: readonly string[]
}

type Tolerance = {
  readonly why: string
  readonly keys: readonly string[]
  /** Only on these routes. */
  readonly route?: RegExp
  /** Only below this key. */
  readonly below?: RegExp
  /** The value may even have another type, or be missing. */
  readonly anything?: true
}

export const MAY_DIFFER: readonly Tolerance[] = [
  {
    why: 'times, process ids and counters belong to one run',
    keys: ['ctime', 'starttime', 'endtime', 'uptime', 'snaptime', 'pstart', 'pid', 'netin', 'netout', 'saved'],
  },
  {
    why: 'load belongs to one run',
    keys: ['cpu', 'mem'],
    route: /\/(status|status\/current|qemu|nodes|cluster\/resources)$/,
  },
  { why: 'a digest is the hash of a file that holds times and ids', keys: ['digest'] },
  {
    why: 'how much of a disk is used depends on the file system and on qemu-img',
    keys: ['used', 'used_fraction', 'avail', 'disk'],
  },
  {
    why: 'how large the storages and the nodes are',
    keys: ['total'],
    route: /\/storage(\/\{storage\}\/status)?(\?|$)/,
  },
  {
    why: 'how large the storages and the nodes are',
    keys: ['maxdisk', 'maxmem', 'maxcpu'],
    below: /^(node|storage)\//,
  },
  { why: 'how large the storages and the nodes are', keys: ['maxdisk', 'maxmem', 'maxcpu'], route: /GET \/nodes$/ },
  { why: 'a session has secrets of its own', keys: ['ticket', 'CSRFPreventionToken', 'ssl_fingerprint', 'repoid'] },
  { why: 'the build of the day', keys: ['version'], route: /GET (\/nodes\/\{node\})?\/version$/ },
  {
    why: 'facts of the host',
    keys: [
      'kversion',
      'cpuinfo',
      'loadavg',
      'current-kernel',
      'memory',
      'swap',
      'rootfs',
      'ksm',
      'pveversion',
      'boot-info',
      'wait',
      'idle',
    ],
    route: /GET \/nodes\/\{node\}\/status$/,
  },
  { why: "the host's own network cards and addresses", keys: ['data'], route: /GET \/nodes\/\{node\}\/network$/ },
  {
    why: "the guest's own counters, cards and versions",
    keys: [
      'nics',
      'statistics',
      'ip-addresses',
      'supported_commands',
      'kernel-version',
      'kernel-release',
      'id',
      'name',
      'pretty-name',
      'version-id',
    ],
    route: /\/agent\//,
  },
  { why: "the guest's own counters, cards and versions", keys: ['nics'], anything: true },
  {
    why: "the recording host's QEMU lacked Proxmox's additions, which describe a running machine",
    keys: ['diskread', 'diskwrite', 'ballooninfo', 'balloon', 'running-machine', 'running-qemu'],
    route: /\/status\/current$/,
    anything: true,
  },
  { why: 'the cgroup mode comes from a daemon that starts late', keys: ['cgroup-mode'], anything: true },
  { why: 'addresses of the host', keys: ['ip'], route: /GET \/cluster\/status$/ },
  { why: 'the name of the cluster', keys: ['name'], below: /^cluster$/ },
  { why: 'the name of the cluster', keys: ['clustername'], anything: true },
  { why: 'the number of log lines depends on how often progress was reported', keys: ['total'], route: /\/log/ },
  { why: 'lists of tasks count what happened before, also unrecorded', keys: ['total'], route: /\/tasks$/ },
  { why: 'lists of tasks count what happened before, also unrecorded', keys: ['data'], route: /GET \/cluster\/tasks$/ },
  { why: "what the guest's own system says of itself", keys: ['version'], route: /get-osinfo$/, anything: true },
  { why: "what the guest's own system says of itself", keys: ['content', 'bytes-read'], route: /file-read$/ },
  { why: 'ids of processes in the guest', keys: ['pid'], route: /agent\/exec$/ },
  { why: 'ids that are drawn at random', keys: ['vmgenid'] },
]

/** `value`: only the type must be equal. `anything`: not even that. */
export function mayDiffer({ route, path }: Field): 'no' | 'value' | 'anything' {
  const key = path.at(-1) ?? ''
  const parent = path.at(-2) ?? ''
  const tolerance = MAY_DIFFER.find(
    ({ keys, route: only, below }) =>
      keys.includes(key) && (only?.test(route) ?? true) && (below?.test(parent) ?? true),
  )
  if (!tolerance) return 'no'
  return tolerance.anything ? 'anything' : 'value'
}

/** Parts of texts that may differ, and the text that replaces them. */
export const IN_TEXTS: readonly { readonly why: string; readonly pattern: RegExp; readonly equal: string }[] = [
  {
    why: 'process id and times in a task id',
    pattern: /(UPID:[^:]+):[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:/g,
    equal: '$1:…:',
  },
  { why: 'random names of temporary files', pattern: /pveupload-[0-9a-f]+/g, equal: 'pveupload-…' },
  {
    why: 'process ids in names of temporary files',
    pattern: /\.tmp_(dwnl|dcom)\.\d+|\.conf\.tmp\.\d+/g,
    equal: '.tmp_$1',
  },
  { why: 'random MAC addresses', pattern: /(BC:24:11|bc:24:11)(:[0-9a-fA-F]{2}){3}/g, equal: '$1:…' },
  { why: 'random UUIDs', pattern: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, equal: '<uuid>' },
  {
    why: 'when and by which QEMU a machine was created',
    pattern: /creation-qemu=[\d.]+,ctime=\d+/g,
    equal: 'creation-qemu=…',
  },
  { why: 'the QEMU that is installed', pattern: /QEMU version '[\d.]+'/g, equal: "QEMU version '…'" },
  { why: "wget's clock", pattern: /^(--)?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(--)?/g, equal: '<time>' },
  { why: "wget's speed", pattern: /\([\d.]+ [KMG]?B\/s\)/g, equal: '(… B/s)' },
  {
    why: 'a cloud-init instance id is the hash of what was configured, random MAC addresses included',
    pattern: /instance-id: [0-9a-f]{40}/g,
    equal: 'instance-id: …',
  },
  {
    why: "Proxmox's additions to qemu-img, which the recording host's lacked",
    pattern: /zeroinit:|(?<=qemu-img convert) -U/g,
    equal: '',
  },
  {
    why: "the words of the host's resolver",
    pattern: /Temporary failure in name resolution|Name or service not known/g,
    equal: '…',
  },
  { why: 'seconds a block job took', pattern: / in \d+s/g, equal: ' in …s' },
]

/** Returns true if two texts are equal except for allowed differences. Lists of content types come from a hash. */
export function sameText({ path }: Field, recorded: string, simulated: string): boolean {
  if (path.at(-1) === 'content') return sorted(recorded) === sorted(simulated)
  return equalised(recorded) === equalised(simulated)
}

function equalised(text: string): string {
  return IN_TEXTS.reduce((result, { pattern, equal }) => result.replace(pattern, equal), text)
}

function sorted(list: string): string {
  return list.split(',').toSorted().join(',')
}

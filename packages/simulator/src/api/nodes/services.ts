// The services of a node: their state, and starting and stopping them (pve-manager `API2/Services.pm`).
import { failure } from '../../errors.ts'
import type { World } from '../../world.ts'
import type { Call, Endpoint } from '../call.ts'

const all = '/nodes/{node}/services'
const one = `${all}/{service}`
const commands = ['start', 'stop', 'restart', 'reload'] as const

export const serviceEndpoints: readonly Endpoint[] = [
  { path: all, method: 'GET', handle: list },
  { path: one, method: 'GET', handle: () => ['state', ...commands].map((subdir) => ({ subdir })) },
  { path: `${one}/state`, method: 'GET', handle: (call) => stateOf(call, call.text('service')) },
  ...commands.map(
    (command): Endpoint => ({
      path: `${one}/${command}`,
      method: 'POST',
      handle: (call) => act(call, command),
    }),
  ),
]

/** The units with their descriptions, as an installation has them. */
const descriptions: Readonly<Record<string, string>> = {
  chrony: 'chrony, an NTP client/server',
  corosync: 'Corosync Cluster Engine',
  cron: 'Regular background program processing daemon',
  ksmtuned: 'Kernel Samepage Merging (KSM) Tuning Daemon',
  lxcfs: 'FUSE filesystem for LXC',
  postfix: 'Postfix Mail Transport Agent (main/default instance)',
  'proxmox-firewall': 'Proxmox nftables firewall',
  'pve-cluster': 'The Proxmox VE cluster filesystem',
  'pve-firewall': 'Proxmox VE firewall',
  'pve-ha-crm': 'PVE Cluster HA Resource Manager Daemon',
  'pve-ha-lrm': 'PVE Local HA Resource Manager Daemon',
  'pve-lxc-syscalld': 'Proxmox VE LXC Syscall Daemon',
  pvedaemon: 'PVE API Daemon',
  'pvefw-logger': 'Proxmox VE firewall logger',
  pveproxy: 'PVE API Proxy Server',
  pvescheduler: 'Proxmox VE scheduler',
  pvestatd: 'PVE Status Daemon',
  qmeventd: 'PVE Qemu Event Daemon',
  spiceproxy: 'PVE SPICE Proxy Server',
  sshd: 'OpenBSD Secure Shell server',
  syslog: 'syslog.service',
  'systemd-journald': 'Journal Service',
  'systemd-timesyncd': 'systemd-timesyncd.service',
}

const notInstalled = new Set(['syslog', 'systemd-timesyncd'])
const since9 = new Set(['lxcfs', 'proxmox-firewall', 'pve-lxc-syscalld', 'qmeventd'])
const essential = new Set(['pveproxy', 'pvedaemon', 'pve-cluster'])

/** Services that a call has started or stopped, as `node service`. Others are as after an installation. */
const changed = new WeakMap<World, Map<string, boolean>>()

function changesOf(world: World): Map<string, boolean> {
  const known = changed.get(world) ?? new Map<string, boolean>()
  changed.set(world, known)
  return known
}

function list(call: Call): readonly Record<string, string>[] {
  return Object.keys(descriptions)
    .filter((name) => call.world.version !== '8.4' || !since9.has(name))
    .map((name) => stateOf(call, name))
}

function stateOf({ world, node }: Call, service: string): Record<string, string> {
  const isInstalled = !notInstalled.has(service)
  const runsAtFirst = isInstalled && (service !== 'corosync' || world.nodes.size > 1)
  const runs = changesOf(world).get(`${node} ${service}`) ?? runsAtFirst
  return {
    service,
    name: service,
    desc: descriptions[service] ?? service,
    state: runs ? 'running' : 'dead',
    'unit-state': !isInstalled ? 'not-found' : service === 'systemd-journald' ? 'static' : 'enabled',
    'active-state': runs ? 'active' : 'inactive',
  }
}

/** Reloading starts nothing. The API itself goes on while its daemons restart. */
function act(call: Call, command: (typeof commands)[number]): Promise<string> {
  const service = call.text('service')
  return call.task(`srv${command}`, service, async ({ log }) => {
    if (essential.has(service) && command === 'stop') {
      throw failure(`invalid service cmd '${service} ${command}': refusing to stop essential service!`)
    }
    if (notInstalled.has(service)) {
      if (command === 'reload') return
      log(
        `Failed to ${command} ${service}.service: Unit ${service}.service not ${command === 'stop' ? 'loaded' : 'found'}.`,
      )
      throw failure(`command 'systemctl ${command} ${service}' failed: exit code 5`)
    }
    if (command !== 'reload') changesOf(call.world).set(`${call.node} ${service}`, command !== 'stop')
  })
}

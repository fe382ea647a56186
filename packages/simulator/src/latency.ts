// How long things take: every duration of the simulator, with presets from measurements of real servers.

export interface Latency {
  /** What any answered request takes at least. */
  readonly requestMs: number
  /** Forking a worker process: each call that starts a task blocks its daemon for this long. */
  readonly forkMs: number
  /** How long a refused login or upload is held back. Proxmox: 3 s. */
  readonly refusalMs: number
  /** Interval of the status daemon: `/cluster/resources` knows names and sizes only this often. Proxmox: 10 s. */
  readonly statusMs: number
  /** What each kind of task takes besides its real work. */
  readonly createMs: number
  readonly cloneMs: number
  readonly templateMs: number
  readonly startMs: number
  readonly stopMs: number
  readonly shutdownMs: number
  readonly destroyMs: number
  readonly otherTaskMs: number
  /** A guest agent's answer, once the guest is up. */
  readonly agentMs: number
  /** From start until the guest agent answers. */
  readonly bootMs: number
  /** What cloud-init takes for a new instance, once the guest is up. */
  readonly cloudInitMs: number
  /** How long a call waits for a guest agent that does not answer. Proxmox: 3 s. */
  readonly agentTimeoutMs: number
  /** How long one command for an agent that has got stuck is waited for. Proxmox: 5 s. */
  readonly agentCommandMs: number
  /** A running guest that lets go of a device. */
  readonly unplugMs: number
  /** How long one look at a device that a guest holds on to takes; Proxmox looks 6 times, 16 at a controller. Proxmox: 1 s. */
  readonly unplugTimeoutMs: number
  /** How long the cluster manager takes to act on what is wanted of a machine in its hands. Proxmox: about 10 s. */
  readonly haMs: number
  /** How long a daemon's answer that broke keeps its caller waiting. Proxmox: 5 s. */
  readonly brokenPipeMs: number
  /** An upload without data for this long is cut, without an answer. Proxmox: 5 s. */
  readonly uploadIdleMs: number
  /** A call that takes longer than this is answered by the proxy with 596, and goes on. Proxmox: 30 s. */
  readonly proxyTimeoutMs: number
  /** Waiting for a guest to power down gives up after this, unless the call says otherwise. Proxmox: 60 s. */
  readonly shutdownTimeoutMs: number
  /** Lock time-outs, as Proxmox has them. */
  readonly cloneLockMs: number
  readonly createLockMs: number
  readonly configLockMs: number
  readonly storageLockMs: number
  /** Looking into one image of a storage: Proxmox opens all of them, under the storage's lock, where it removes a base. */
  readonly imageInfoMs: number
  /** How often the lock of a shared storage is asked for again. Proxmox: 1 s. */
  readonly clusterLockPollMs: number
  /** Copying inside the server goes no faster than this; 0 means as fast as the disk. */
  readonly copyBytesPerSecond: number
}

export type LatencyPreset = 'instant' | 'laptop' | 'server'

const proxmoxTimeouts = {
  cloneLockMs: 1_000,
  createLockMs: 5_000,
  configLockMs: 10_000,
  storageLockMs: 10_000,
  proxyTimeoutMs: 30_000,
  uploadIdleMs: 5_000,
}

export const latencyPresets: Readonly<Record<LatencyPreset, Latency>> = {
  instant: {
    requestMs: 0,
    forkMs: 0,
    refusalMs: 0,
    statusMs: 0,
    createMs: 0,
    cloneMs: 0,
    templateMs: 0,
    startMs: 0,
    stopMs: 0,
    shutdownMs: 0,
    destroyMs: 0,
    otherTaskMs: 0,
    agentMs: 0,
    bootMs: 0,
    cloudInitMs: 0,
    agentTimeoutMs: 30,
    agentCommandMs: 50,
    unplugMs: 0,
    unplugTimeoutMs: 5,
    haMs: 0,
    imageInfoMs: 0,
    brokenPipeMs: 0,
    clusterLockPollMs: 10,
    shutdownTimeoutMs: 30,
    copyBytesPerSecond: 0,
    ...proxmoxTimeouts,
  },
  laptop: {
    requestMs: 4,
    forkMs: 25,
    refusalMs: 3_000,
    statusMs: 10_000,
    createMs: 60,
    cloneMs: 120,
    templateMs: 120,
    startMs: 500,
    stopMs: 500,
    shutdownMs: 1_500,
    destroyMs: 150,
    otherTaskMs: 50,
    agentMs: 15,
    bootMs: 6_000,
    cloudInitMs: 4_000,
    agentTimeoutMs: 3_000,
    agentCommandMs: 5_000,
    unplugMs: 2_000,
    unplugTimeoutMs: 1_000,
    haMs: 3_000,
    imageInfoMs: 10,
    brokenPipeMs: 5_000,
    clusterLockPollMs: 1_000,
    shutdownTimeoutMs: 60_000,
    copyBytesPerSecond: 0,
    ...proxmoxTimeouts,
  },
  server: {
    requestMs: 6,
    forkMs: 35,
    refusalMs: 3_000,
    statusMs: 10_000,
    createMs: 200,
    cloneMs: 250,
    templateMs: 200,
    startMs: 1_200,
    stopMs: 1_000,
    shutdownMs: 6_000,
    destroyMs: 400,
    otherTaskMs: 120,
    agentMs: 25,
    bootMs: 15_000,
    cloudInitMs: 15_000,
    agentTimeoutMs: 3_000,
    agentCommandMs: 5_000,
    unplugMs: 2_000,
    unplugTimeoutMs: 1_000,
    haMs: 10_000,
    imageInfoMs: 20,
    brokenPipeMs: 5_000,
    clusterLockPollMs: 1_000,
    shutdownTimeoutMs: 60_000,
    copyBytesPerSecond: 400 * 1024 * 1024,
    ...proxmoxTimeouts,
  },
}

/** A preset, or a preset with some durations of one's own. */
export function latencyOf(wanted: LatencyPreset | Partial<Latency> = 'instant'): Latency {
  return typeof wanted === 'string' ? latencyPresets[wanted] : { ...latencyPresets.instant, ...wanted }
}

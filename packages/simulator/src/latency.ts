// All durations of the simulator, with presets that were measured on real servers.

export interface Latency {
  /** Minimum time of any answered request. */
  readonly requestMs: number
  /** Time to fork a worker process. Each call that starts a task blocks its daemon for this long. */
  readonly forkMs: number
  /** How long the answer to a refused login or upload is delayed. Proxmox: 3 s. */
  readonly refusalMs: number
  /** Interval of the status daemon. `/cluster/resources` updates names and sizes only this often. Proxmox: 10 s. */
  readonly statusMs: number
  /** Time of each kind of task in addition to its real work. */
  readonly createMs: number
  readonly cloneMs: number
  readonly templateMs: number
  readonly startMs: number
  readonly stopMs: number
  readonly shutdownMs: number
  readonly destroyMs: number
  readonly otherTaskMs: number
  /** Time of a guest agent's answer, once the guest is up. */
  readonly agentMs: number
  /** Time from the start until the guest agent answers. */
  readonly bootMs: number
  /** Time of cloud-init for a new instance, once the guest is up. */
  readonly cloudInitMs: number
  /** Timeout for a guest agent that does not answer. Proxmox: 3 s. */
  readonly agentTimeoutMs: number
  /** Timeout for one command to an agent that is stuck. Proxmox: 5 s. */
  readonly agentCommandMs: number
  /** Time of a running guest to release a device. */
  readonly unplugMs: number
  /**
   * Time of one check if a guest has released a device. Proxmox checks 6 times, and 16 times for a controller. Proxmox:
   * 1 s.
   */
  readonly unplugTimeoutMs: number
  /** Time until the HA manager acts on a new wanted state. Proxmox: about 10 s. */
  readonly haMs: number
  /** How long a caller waits for the answer of a daemon that crashed. Proxmox: 5 s. */
  readonly brokenPipeMs: number
  /** An upload without data for this long is closed without an answer. Proxmox: 5 s. */
  readonly uploadIdleMs: number
  /** The proxy answers a call that takes longer with 596, and the call continues. Proxmox: 30 s. */
  readonly proxyTimeoutMs: number
  /** Timeout for a guest shutdown, unless the call contains one. Proxmox: 60 s. */
  readonly shutdownTimeoutMs: number
  /** Lock timeouts, as in Proxmox. */
  readonly cloneLockMs: number
  readonly createLockMs: number
  readonly configLockMs: number
  readonly storageLockMs: number
  /** Time to open one image. To remove a base, Proxmox opens all images of the storage, under the storage's lock. */
  readonly imageInfoMs: number
  /** Polling interval of a shared storage's lock. Proxmox: 1 s. */
  readonly clusterLockPollMs: number
  /** Maximum speed of copies inside the server. 0 means no limit. */
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

/** Returns a preset, or a preset with some durations changed. */
export function latencyOf(wanted: LatencyPreset | Partial<Latency> = 'instant'): Latency {
  return typeof wanted === 'string' ? latencyPresets[wanted] : { ...latencyPresets.instant, ...wanted }
}

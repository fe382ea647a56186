// What is going on inside a machine that runs, and what it has written on its disk.

/** One card as cloud-init has configured it. */
export interface ConfiguredInterface {
  readonly name: string
  /** `10.0.0.5/24`, or `dhcp` for what the network gives. */
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}

export interface GuestDisk {
  /** Of the instance that cloud-init has set up last. */
  instanceId?: string | undefined
  hostName?: string | undefined
  /** By MAC address in lower case; undefined: the image's own way, an address for each card. */
  network?: Readonly<Record<string, ConfiguredInterface>> | undefined
  packages: string[]
  /** By path. Bytes: one in each character. */
  files: Record<string, string>
  /** Those that were made, besides what any Linux has. */
  folders?: readonly string[]
}

export interface Datasource {
  /** As cloud-init names it. */
  readonly name: string
  readonly instanceId: string
  readonly hostName?: string | undefined
  readonly user: string
  readonly vendor: string
  /** Undefined where the datasource says nothing of networks. */
  readonly network?: string | undefined
  /** Whether the network document is Debian's `interfaces`, rather than YAML. */
  readonly isInterfaces: boolean
}

export interface CloudInitResult {
  readonly datasource: string
  readonly instanceId: string
  /** Whether its modules for new instances ran: host keys, packages, files, commands, users. */
  readonly isNewInstance: boolean
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  readonly deprecations: readonly string[]
  /** What it was told to do, in order. */
  readonly commands: readonly string[]
}

export interface Boot {
  readonly disk: GuestDisk
  readonly source: Datasource | undefined
  /** Milliseconds since 1970; Infinity: never. */
  readonly bootedAt: number
  readonly finishedAt: number
  /** Undefined until cloud-init has finished. */
  result?: CloudInitResult | undefined
  isAgentDead: boolean
  /** Ends what was to come when the power goes. */
  readonly gone: AbortController
  /** What a command inside does to the guest's own power. */
  cutPower: (action: PowerAction) => void
}

/** What the guest can do to its own power. */
export type PowerAction = 'poweroff' | 'reboot'

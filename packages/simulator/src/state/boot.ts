// The current boot of a running machine, and what its guest has written to its disk.

/** A network card as cloud-init has configured it. */
export interface ConfiguredInterface {
  readonly name: string
  /** `10.0.0.5/24`, or `dhcp`. */
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}

export interface GuestDisk {
  /** The instance that cloud-init has configured last. */
  instanceId?: string | undefined
  hostName?: string | undefined
  /** By MAC address in lower case. Undefined: the default of the image, an address for each card. */
  network?: Readonly<Record<string, ConfiguredInterface>> | undefined
  packages: string[]
  /** By path. The content is bytes, one in each character. */
  files: Record<string, string>
  /** Folders that were created, besides those of any Linux. */
  folders?: readonly string[]
}

export interface Datasource {
  /** The name that cloud-init uses. */
  readonly name: string
  readonly instanceId: string
  readonly hostName?: string | undefined
  readonly user: string
  readonly vendor: string
  /** Undefined if the datasource contains no network document. */
  readonly network?: string | undefined
  /** True if the network document is Debian's `interfaces` instead of YAML. */
  readonly isInterfaces: boolean
}

export interface CloudInitResult {
  readonly datasource: string
  readonly instanceId: string
  /** True if the modules for new instances ran: host keys, packages, files, commands, users. */
  readonly isNewInstance: boolean
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  readonly deprecations: readonly string[]
  /** The commands of the documents, in order. */
  readonly commands: readonly string[]
}

export interface Boot {
  readonly disk: GuestDisk
  readonly source: Datasource | undefined
  /** Milliseconds since 1970. Infinity: no limit. */
  readonly bootedAt: number
  readonly finishedAt: number
  /** Undefined until cloud-init has finished. */
  result?: CloudInitResult | undefined
  isAgentDead: boolean
  /** True once the agent was restarted without the filter of its configuration. */
  isAgentFree: boolean
  /** Background scripts that wait until cloud-init has finished. */
  readonly background: string[]
  /** Aborts planned actions when the power goes off. */
  readonly gone: AbortController
  /** Called when a command inside the guest changes its power. */
  cutPower: (action: PowerAction) => void
}

/** What a guest can do to its own power. */
export type PowerAction = 'poweroff' | 'reboot'

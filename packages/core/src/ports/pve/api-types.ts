// Types that `proxmox-api` lacks, generated from the API schema of Proxmox VE 9.2.3 by
// `scripts/generate-pve-types.mjs`. Do not edit: add a family or an answer there.

/** Perl code of Proxmox answers 1 and 0, Rust code true and false. */
export type Flag = boolean | number

/** Options of a machine, as parameters of its creation and change. */
export interface QemuConfigParameters {
  readonly acpi?: boolean | 0 | 1 | undefined
  readonly affinity?: string | undefined
  readonly agent?: string | undefined
  readonly 'allow-ksm'?: boolean | 0 | 1 | undefined
  readonly 'amd-sev'?: string | undefined
  readonly arch?: 'x86_64' | 'aarch64' | undefined
  readonly args?: string | undefined
  readonly audio0?: string | undefined
  readonly autostart?: boolean | 0 | 1 | undefined
  readonly balloon?: number | undefined
  readonly bios?: 'seabios' | 'ovmf' | undefined
  readonly boot?: string | undefined
  readonly bootdisk?: string | undefined
  readonly cdrom?: string | undefined
  readonly cicustom?: string | undefined
  readonly cipassword?: string | undefined
  readonly citype?: 'configdrive2' | 'nocloud' | 'opennebula' | undefined
  readonly ciupgrade?: boolean | 0 | 1 | undefined
  readonly ciuser?: string | undefined
  readonly cores?: number | undefined
  readonly cpu?: string | undefined
  readonly cpulimit?: number | undefined
  readonly cpuunits?: number | undefined
  readonly description?: string | undefined
  readonly efidisk0?: string | undefined
  readonly freeze?: boolean | 0 | 1 | undefined
  readonly hookscript?: string | undefined
  readonly [key: `hostpci${number}`]: string | undefined
  readonly hotplug?: string | undefined
  readonly hugepages?: 'any' | '2' | '1024' | undefined
  readonly [key: `ide${number}`]: string | undefined
  readonly 'intel-tdx'?: string | undefined
  readonly [key: `ipconfig${number}`]: string | undefined
  readonly ivshmem?: string | undefined
  readonly keephugepages?: boolean | 0 | 1 | undefined
  readonly keyboard?:
    | 'de'
    | 'de-ch'
    | 'da'
    | 'en-gb'
    | 'en-us'
    | 'es'
    | 'fi'
    | 'fr'
    | 'fr-be'
    | 'fr-ca'
    | 'fr-ch'
    | 'hu'
    | 'is'
    | 'it'
    | 'ja'
    | 'lt'
    | 'mk'
    | 'nl'
    | 'no'
    | 'pl'
    | 'pt'
    | 'pt-br'
    | 'sv'
    | 'sl'
    | 'tr'
    | undefined
  readonly kvm?: boolean | 0 | 1 | undefined
  readonly localtime?: boolean | 0 | 1 | undefined
  readonly lock?:
    | 'backup'
    | 'clone'
    | 'create'
    | 'migrate'
    | 'rollback'
    | 'snapshot'
    | 'snapshot-delete'
    | 'suspending'
    | 'suspended'
    | undefined
  readonly machine?: string | undefined
  readonly memory?: string | number | undefined
  readonly migrate_downtime?: number | undefined
  readonly migrate_speed?: number | undefined
  readonly name?: string | undefined
  readonly nameserver?: string | undefined
  readonly [key: `net${number}`]: string | undefined
  readonly numa?: boolean | 0 | 1 | undefined
  readonly [key: `numa${number}`]: string | undefined
  readonly onboot?: boolean | 0 | 1 | undefined
  readonly ostype?:
    | 'other'
    | 'wxp'
    | 'w2k'
    | 'w2k3'
    | 'w2k8'
    | 'wvista'
    | 'win7'
    | 'win8'
    | 'win10'
    | 'win11'
    | 'l24'
    | 'l26'
    | 'solaris'
    | undefined
  readonly [key: `parallel${number}`]: string | undefined
  readonly protection?: boolean | 0 | 1 | undefined
  readonly reboot?: boolean | 0 | 1 | undefined
  readonly rng0?: string | undefined
  readonly [key: `sata${number}`]: string | undefined
  readonly [key: `scsi${number}`]: string | undefined
  readonly scsihw?: 'lsi' | 'lsi53c810' | 'virtio-scsi-pci' | 'virtio-scsi-single' | 'megasas' | 'pvscsi' | undefined
  readonly searchdomain?: string | undefined
  readonly [key: `serial${number}`]: string | undefined
  readonly shares?: number | undefined
  readonly smbios1?: string | undefined
  readonly smp?: number | undefined
  readonly sockets?: number | undefined
  readonly spice_enhancements?: string | undefined
  readonly sshkeys?: string | undefined
  readonly startdate?: string | undefined
  readonly startup?: string | undefined
  readonly tablet?: boolean | 0 | 1 | undefined
  readonly tags?: string | undefined
  readonly tdf?: boolean | 0 | 1 | undefined
  readonly template?: boolean | 0 | 1 | undefined
  readonly tpmstate0?: string | undefined
  readonly [key: `unused${number}`]: string | undefined
  readonly [key: `usb${number}`]: string | undefined
  readonly vcpus?: number | undefined
  readonly vga?: string | undefined
  readonly [key: `virtio${number}`]: string | undefined
  readonly [key: `virtiofs${number}`]: string | undefined
  readonly vmgenid?: string | undefined
  readonly vmstatestorage?: string | undefined
  readonly watchdog?: string | undefined
}

export interface ApiOf9 {
  readonly access: {
    readonly permissions: {
      readonly $get: (param?: {
        readonly path?: string | undefined
        readonly userid?: string | undefined
      }) => Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>
    }
    readonly ticket: {
      readonly $get: () => Promise<null>
      readonly $post: (param: {
        readonly 'new-format'?: boolean | 0 | 1 | undefined
        readonly otp?: string | undefined
        readonly password: string
        readonly path?: string | undefined
        readonly privs?: string | undefined
        readonly realm?: string | undefined
        readonly 'tfa-challenge'?: string | undefined
        readonly username: string
      }) => Promise<{
        readonly CSRFPreventionToken?: string
        readonly clustername?: string
        readonly ticket?: string
        readonly username: string
      }>
    }
  }
  readonly cluster: {
    readonly ha: {
      readonly $get: () => Promise<readonly { readonly id: string }[]>
      readonly groups: {
        readonly $get: () => Promise<
          readonly { readonly group: string; readonly nodes?: string; readonly restricted?: Flag }[]
        >
        readonly $post: (param: {
          readonly comment?: string | undefined
          readonly group: string
          readonly nodes: string
          readonly nofailback?: boolean | 0 | 1 | undefined
          readonly restricted?: boolean | 0 | 1 | undefined
          readonly type?: 'group' | undefined
        }) => Promise<null>
        readonly $: (id: string | number) => {
          readonly $delete: () => Promise<null>
          readonly $get: () => Promise<{
            readonly group?: string
            readonly nodes?: string
            readonly restricted?: Flag
            readonly nofailback?: Flag
          }>
          readonly $put: (param?: {
            readonly comment?: string | undefined
            readonly delete?: string | undefined
            readonly digest?: string | undefined
            readonly nodes?: string | undefined
            readonly nofailback?: boolean | 0 | 1 | undefined
            readonly restricted?: boolean | 0 | 1 | undefined
          }) => Promise<null>
        }
      }
      readonly resources: {
        readonly $get: (param?: { readonly type?: 'ct' | 'vm' | undefined }) => Promise<
          readonly {
            readonly sid: string
            readonly state?: string
            readonly group?: string
            readonly max_restart?: number
            readonly max_relocate?: number
            readonly failback?: Flag
            readonly 'auto-rebalance'?: Flag
            readonly comment?: string
          }[]
        >
        readonly $post: (param: {
          readonly 'auto-rebalance'?: boolean | 0 | 1 | undefined
          readonly comment?: string | undefined
          readonly failback?: boolean | 0 | 1 | undefined
          readonly group?: string | undefined
          readonly max_relocate?: number | undefined
          readonly max_restart?: number | undefined
          readonly sid: string
          readonly state?: 'started' | 'stopped' | 'enabled' | 'disabled' | 'ignored' | undefined
          readonly type?: 'ct' | 'vm' | undefined
        }) => Promise<null>
        readonly $: (id: string | number) => {
          readonly $delete: (param?: { readonly purge?: boolean | 0 | 1 | undefined }) => Promise<null>
          readonly $get: () => Promise<{
            readonly 'auto-rebalance'?: Flag
            readonly comment?: string
            readonly digest: string
            readonly failback?: Flag
            readonly group?: string
            readonly max_relocate?: number
            readonly max_restart?: number
            readonly sid: string
            readonly state?: string
            readonly type: string
          }>
          readonly $put: (param?: {
            readonly 'auto-rebalance'?: boolean | 0 | 1 | undefined
            readonly comment?: string | undefined
            readonly delete?: string | undefined
            readonly digest?: string | undefined
            readonly failback?: boolean | 0 | 1 | undefined
            readonly group?: string | undefined
            readonly max_relocate?: number | undefined
            readonly max_restart?: number | undefined
            readonly state?: 'started' | 'stopped' | 'enabled' | 'disabled' | 'ignored' | undefined
          }) => Promise<null>
          readonly migrate: {
            readonly $post: (param: { readonly node: string }) => Promise<{
              readonly 'blocking-resources'?: readonly { readonly cause: string; readonly sid: string }[]
              readonly 'comigrated-resources'?: readonly unknown[]
              readonly 'requested-node': string
              readonly sid: string
            }>
          }
          readonly relocate: {
            readonly $post: (param: { readonly node: string }) => Promise<{
              readonly 'blocking-resources'?: readonly { readonly cause: string; readonly sid: string }[]
              readonly 'comigrated-resources'?: readonly string[]
              readonly 'requested-node': string
              readonly sid: string
            }>
          }
        }
      }
      readonly rules: {
        readonly $get: (param?: {
          readonly resource?: string | undefined
          readonly type?: 'node-affinity' | 'resource-affinity' | undefined
        }) => Promise<
          readonly {
            readonly rule: string
            readonly type?: string
            readonly nodes?: string
            readonly resources?: string
            readonly strict?: Flag
            readonly disable?: Flag
            readonly digest?: string
          }[]
        >
        readonly $post: (param: {
          readonly affinity?: 'positive' | 'negative' | undefined
          readonly comment?: string | undefined
          readonly disable?: boolean | 0 | 1 | undefined
          readonly nodes?: string | undefined
          readonly resources: string
          readonly rule: string
          readonly strict?: boolean | 0 | 1 | undefined
          readonly type: 'node-affinity' | 'resource-affinity'
        }) => Promise<null>
        readonly $: (id: string | number) => {
          readonly $delete: () => Promise<null>
          readonly $get: () => Promise<{ readonly rule: string; readonly type: string }>
          readonly $put: (param: {
            readonly affinity?: 'positive' | 'negative' | undefined
            readonly comment?: string | undefined
            readonly delete?: string | undefined
            readonly digest?: string | undefined
            readonly disable?: boolean | 0 | 1 | undefined
            readonly nodes?: string | undefined
            readonly resources?: string | undefined
            readonly strict?: boolean | 0 | 1 | undefined
            readonly type: 'node-affinity' | 'resource-affinity'
          }) => Promise<null>
        }
      }
      readonly status: {
        readonly $get: () => Promise<readonly Readonly<Record<string, unknown>>[]>
        readonly 'arm-ha': {
          readonly $post: () => Promise<null>
        }
        readonly current: {
          readonly $get: () => Promise<
            readonly {
              readonly 'armed-state'?: string
              readonly 'auto-rebalance'?: Flag
              readonly crm_state?: string
              readonly failback?: Flag
              readonly id: string
              readonly max_relocate?: number
              readonly max_restart?: number
              readonly node: string
              readonly quorate?: Flag
              readonly request_state?: string
              readonly resource_mode?: string
              readonly sid?: string
              readonly state?: string
              readonly status: string
              readonly timestamp?: number
              readonly type: unknown
            }[]
          >
        }
        readonly 'disarm-ha': {
          readonly $post: (param: { readonly 'resource-mode': 'freeze' | 'ignore' }) => Promise<null>
        }
        readonly manager_status: {
          readonly $get: () => Promise<Readonly<Record<string, unknown>>>
        }
      }
    }
    readonly nextid: {
      readonly $get: (param?: { readonly vmid?: number | undefined }) => Promise<string | number>
    }
    readonly options: {
      readonly $get: () => Promise<Readonly<Record<string, unknown>>>
      readonly $put: (param?: {
        readonly bwlimit?: string | undefined
        readonly 'consent-text'?: string | undefined
        readonly console?: 'applet' | 'vv' | 'html5' | 'xtermjs' | undefined
        readonly crs?: string | undefined
        readonly delete?: string | undefined
        readonly description?: string | undefined
        readonly email_from?: string | undefined
        readonly fencing?: 'watchdog' | 'hardware' | 'both' | undefined
        readonly ha?: string | undefined
        readonly http_proxy?: string | undefined
        readonly keyboard?:
          | 'de'
          | 'de-ch'
          | 'da'
          | 'en-gb'
          | 'en-us'
          | 'es'
          | 'fi'
          | 'fr'
          | 'fr-be'
          | 'fr-ca'
          | 'fr-ch'
          | 'hu'
          | 'is'
          | 'it'
          | 'ja'
          | 'lt'
          | 'mk'
          | 'nl'
          | 'no'
          | 'pl'
          | 'pt'
          | 'pt-br'
          | 'sv'
          | 'sl'
          | 'tr'
          | undefined
        readonly language?:
          | 'ar'
          | 'ca'
          | 'da'
          | 'de'
          | 'en'
          | 'es'
          | 'eu'
          | 'fa'
          | 'fr'
          | 'hr'
          | 'he'
          | 'it'
          | 'ja'
          | 'ka'
          | 'kr'
          | 'nb'
          | 'nl'
          | 'nn'
          | 'pl'
          | 'pt_BR'
          | 'ru'
          | 'sl'
          | 'sv'
          | 'tr'
          | 'ukr'
          | 'zh_CN'
          | 'zh_TW'
          | undefined
        readonly location?: string | undefined
        readonly mac_prefix?: string | undefined
        readonly max_workers?: number | undefined
        readonly migration?: string | undefined
        readonly migration_unsecure?: boolean | 0 | 1 | undefined
        readonly 'next-id'?: string | undefined
        readonly notify?: string | undefined
        readonly 'registered-tags'?: string | undefined
        readonly replication?: string | undefined
        readonly 'tag-style'?: string | undefined
        readonly u2f?: string | undefined
        readonly 'user-tag-access'?: string | undefined
        readonly webauthn?: string | undefined
      }) => Promise<null>
    }
    readonly resources: {
      readonly $get: (param?: { readonly type?: 'vm' | 'storage' | 'node' | 'sdn' | undefined }) => Promise<
        readonly {
          readonly 'cgroup-mode'?: number
          readonly content?: string
          readonly cpu?: number
          readonly disk?: number
          readonly diskread?: number
          readonly diskwrite?: number
          readonly hastate?: string
          readonly 'host-arch'?: string
          readonly id: string
          readonly level?: string
          readonly lock?: string
          readonly maxcpu?: number
          readonly maxdisk?: number
          readonly maxmem?: number
          readonly mem?: number
          readonly memhost?: number
          readonly name?: string
          readonly netin?: number
          readonly netout?: number
          readonly network?: string
          readonly 'network-type'?: string
          readonly node?: string
          readonly plugintype?: string
          readonly pool?: string
          readonly protocol?: string
          readonly sdn?: string
          readonly shared?: Flag
          readonly status?: string
          readonly storage?: string
          readonly tags?: string
          readonly template?: Flag
          readonly type: string
          readonly uptime?: number
          readonly vmid?: number
          readonly 'zone-type'?: string
        }[]
      >
    }
    readonly status: {
      readonly $get: () => Promise<
        readonly {
          readonly id: string
          readonly ip?: string
          readonly level?: string
          readonly local?: Flag
          readonly name: string
          readonly nodeid?: number
          readonly nodes?: number
          readonly online?: Flag
          readonly quorate?: Flag
          readonly type: string
          readonly version?: number
        }[]
      >
    }
    readonly mapping: {
      readonly dir: {
        readonly $get: () => Promise<
          readonly { readonly id: string; readonly map?: readonly string[]; readonly description?: string }[]
        >
      }
      readonly pci: {
        readonly $get: () => Promise<
          readonly { readonly id: string; readonly map?: readonly string[]; readonly description?: string }[]
        >
      }
      readonly usb: {
        readonly $get: () => Promise<
          readonly { readonly id: string; readonly map?: readonly string[]; readonly description?: string }[]
        >
      }
    }
  }
  readonly nodes: {
    readonly $: (id: string | number) => {
      readonly capabilities: {
        readonly $get: () => Promise<readonly Readonly<Record<string, unknown>>[]>
        readonly qemu: {
          readonly $get: () => Promise<readonly Readonly<Record<string, unknown>>[]>
          readonly cpu: {
            readonly $get: (param?: { readonly arch?: 'x86_64' | 'aarch64' | undefined }) => Promise<
              readonly {
                readonly abstract?: Flag
                readonly custom: Flag
                readonly name: string
                readonly vendor: string
              }[]
            >
          }
          readonly 'cpu-flags': {
            readonly $get: (param?: {
              readonly accel?: 'kvm' | 'tcg' | undefined
              readonly arch?: 'x86_64' | 'aarch64' | undefined
            }) => Promise<
              readonly {
                readonly description?: string
                readonly name: string
                readonly 'supported-on'?: readonly string[]
              }[]
            >
          }
          readonly machines: {
            readonly $get: (param?: { readonly arch?: 'x86_64' | 'aarch64' | undefined }) => Promise<
              readonly {
                readonly changes?: string
                readonly id: string
                readonly type: string
                readonly version: string
              }[]
            >
          }
          readonly migration: {
            readonly $get: () => Promise<{ readonly 'has-dbus-vmstate': Flag }>
          }
        }
      }
      readonly network: {
        readonly $delete: () => Promise<null>
        readonly $get: (param?: {
          readonly type?:
            | 'bridge'
            | 'bond'
            | 'eth'
            | 'alias'
            | 'vlan'
            | 'fabric'
            | 'OVSBridge'
            | 'OVSBond'
            | 'OVSPort'
            | 'OVSIntPort'
            | 'vnet'
            | 'any_bridge'
            | 'any_local_bridge'
            | 'include_sdn'
            | undefined
        }) => Promise<
          readonly {
            readonly iface: string
            readonly type?: string
            readonly active?: Flag
            readonly bridge_vlan_aware?: Flag
            readonly mtu?: number | string
          }[]
        >
        readonly $post: (param: {
          readonly address?: string | undefined
          readonly address6?: string | undefined
          readonly autostart?: boolean | 0 | 1 | undefined
          readonly 'bond-primary'?: string | undefined
          readonly bond_mode?:
            | 'balance-rr'
            | 'active-backup'
            | 'balance-xor'
            | 'broadcast'
            | '802.3ad'
            | 'balance-tlb'
            | 'balance-alb'
            | 'balance-slb'
            | 'lacp-balance-slb'
            | 'lacp-balance-tcp'
            | undefined
          readonly bond_xmit_hash_policy?: 'layer2' | 'layer2+3' | 'layer3+4' | undefined
          readonly bridge_ports?: string | undefined
          readonly bridge_vids?: string | undefined
          readonly bridge_vlan_aware?: boolean | 0 | 1 | undefined
          readonly cidr?: string | undefined
          readonly cidr6?: string | undefined
          readonly comments?: string | undefined
          readonly comments6?: string | undefined
          readonly gateway?: string | undefined
          readonly gateway6?: string | undefined
          readonly iface: string
          readonly mtu?: number | undefined
          readonly netmask?: string | undefined
          readonly netmask6?: number | undefined
          readonly ovs_bonds?: string | undefined
          readonly ovs_bridge?: string | undefined
          readonly ovs_options?: string | undefined
          readonly ovs_ports?: string | undefined
          readonly ovs_tag?: number | undefined
          readonly slaves?: string | undefined
          readonly type:
            | 'bridge'
            | 'bond'
            | 'eth'
            | 'alias'
            | 'vlan'
            | 'fabric'
            | 'OVSBridge'
            | 'OVSBond'
            | 'OVSPort'
            | 'OVSIntPort'
            | 'vnet'
            | 'unknown'
          readonly 'vlan-id'?: number | undefined
          readonly 'vlan-raw-device'?: string | undefined
        }) => Promise<null>
        readonly $put: (param?: { readonly 'regenerate-frr'?: boolean | 0 | 1 | undefined }) => Promise<string>
        readonly $: (id: string | number) => {
          readonly $delete: () => Promise<null>
          readonly $get: () => Promise<{ readonly method: string; readonly type: string }>
          readonly $put: (param: {
            readonly address?: string | undefined
            readonly address6?: string | undefined
            readonly autostart?: boolean | 0 | 1 | undefined
            readonly 'bond-primary'?: string | undefined
            readonly bond_mode?:
              | 'balance-rr'
              | 'active-backup'
              | 'balance-xor'
              | 'broadcast'
              | '802.3ad'
              | 'balance-tlb'
              | 'balance-alb'
              | 'balance-slb'
              | 'lacp-balance-slb'
              | 'lacp-balance-tcp'
              | undefined
            readonly bond_xmit_hash_policy?: 'layer2' | 'layer2+3' | 'layer3+4' | undefined
            readonly bridge_ports?: string | undefined
            readonly bridge_vids?: string | undefined
            readonly bridge_vlan_aware?: boolean | 0 | 1 | undefined
            readonly cidr?: string | undefined
            readonly cidr6?: string | undefined
            readonly comments?: string | undefined
            readonly comments6?: string | undefined
            readonly delete?: string | undefined
            readonly gateway?: string | undefined
            readonly gateway6?: string | undefined
            readonly mtu?: number | undefined
            readonly netmask?: string | undefined
            readonly netmask6?: number | undefined
            readonly ovs_bonds?: string | undefined
            readonly ovs_bridge?: string | undefined
            readonly ovs_options?: string | undefined
            readonly ovs_ports?: string | undefined
            readonly ovs_tag?: number | undefined
            readonly slaves?: string | undefined
            readonly type:
              | 'bridge'
              | 'bond'
              | 'eth'
              | 'alias'
              | 'vlan'
              | 'fabric'
              | 'OVSBridge'
              | 'OVSBond'
              | 'OVSPort'
              | 'OVSIntPort'
              | 'vnet'
              | 'unknown'
            readonly 'vlan-id'?: number | undefined
            readonly 'vlan-raw-device'?: string | undefined
          }) => Promise<null>
        }
      }
      readonly qemu: {
        readonly $get: (param?: { readonly full?: boolean | 0 | 1 | undefined }) => Promise<
          readonly {
            readonly cpu?: number
            readonly cpus?: number
            readonly diskread?: number
            readonly diskwrite?: number
            readonly lock?: string
            readonly maxdisk?: number
            readonly maxmem?: number
            readonly mem?: number
            readonly memhost?: number
            readonly name?: string
            readonly netin?: number
            readonly netout?: number
            readonly pid?: number
            readonly pressurecpufull?: number
            readonly pressurecpusome?: number
            readonly pressureiofull?: number
            readonly pressureiosome?: number
            readonly pressurememoryfull?: number
            readonly pressurememorysome?: number
            readonly qmpstatus?: string
            readonly 'running-machine'?: string
            readonly 'running-qemu'?: string
            readonly serial?: Flag
            readonly status: string
            readonly tags?: string
            readonly template?: Flag
            readonly uptime?: number
            readonly vmid: number
          }[]
        >
        readonly $post: (
          param: QemuConfigParameters & {
            readonly archive?: string | undefined
            readonly bwlimit?: number | undefined
            readonly force?: boolean | 0 | 1 | undefined
            readonly 'ha-managed'?: boolean | 0 | 1 | undefined
            readonly 'import-working-storage'?: string | undefined
            readonly 'live-restore'?: boolean | 0 | 1 | undefined
            readonly pool?: string | undefined
            readonly start?: boolean | 0 | 1 | undefined
            readonly storage?: string | undefined
            readonly unique?: boolean | 0 | 1 | undefined
            readonly vmid: number
          },
        ) => Promise<string>
        readonly $: (id: string | number) => {
          readonly $delete: (param?: {
            readonly 'destroy-unreferenced-disks'?: boolean | 0 | 1 | undefined
            readonly purge?: boolean | 0 | 1 | undefined
            readonly skiplock?: boolean | 0 | 1 | undefined
          }) => Promise<string>
          readonly $get: () => Promise<readonly { readonly subdir: string }[]>
          readonly agent: {
            readonly $get: () => Promise<readonly Readonly<Record<string, unknown>>[]>
            readonly $post: (param: {
              readonly command:
                | 'fsfreeze-freeze'
                | 'fsfreeze-status'
                | 'fsfreeze-thaw'
                | 'fstrim'
                | 'get-fsinfo'
                | 'get-host-name'
                | 'get-memory-block-info'
                | 'get-memory-blocks'
                | 'get-osinfo'
                | 'get-time'
                | 'get-timezone'
                | 'get-users'
                | 'get-vcpus'
                | 'info'
                | 'network-get-interfaces'
                | 'ping'
                | 'shutdown'
                | 'suspend-disk'
                | 'suspend-hybrid'
                | 'suspend-ram'
            }) => Promise<Readonly<Record<string, unknown>>>
            readonly exec: {
              readonly $post: (param: {
                readonly command: readonly string[]
                readonly 'input-data'?: string | undefined
              }) => Promise<{ readonly pid: number }>
            }
            readonly 'exec-status': {
              readonly $get: (param: { readonly pid: number }) => Promise<{
                readonly 'err-data'?: string
                readonly 'err-truncated'?: Flag
                readonly exitcode?: number
                readonly exited: Flag
                readonly 'out-data'?: string
                readonly 'out-truncated'?: Flag
                readonly signal?: number
              }>
            }
            readonly 'file-read': {
              readonly $get: (param: {
                readonly count?: number | undefined
                readonly decode?: boolean | 0 | 1 | undefined
                readonly file: string
                readonly offset?: number | undefined
              }) => Promise<{ readonly content: string; readonly truncated?: Flag }>
            }
            readonly 'file-write': {
              readonly $post: (param: {
                readonly content: string
                readonly encode?: boolean | 0 | 1 | undefined
                readonly file: string
              }) => Promise<null>
            }
            readonly 'fsfreeze-freeze': {
              readonly $post: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'fsfreeze-status': {
              readonly $post: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'fsfreeze-thaw': {
              readonly $post: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly fstrim: {
              readonly $post: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'get-fsinfo': {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'get-host-name': {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'get-memory-block-info': {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'get-memory-blocks': {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'get-osinfo': {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'get-time': {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'get-timezone': {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'get-users': {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'get-vcpus': {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly info: {
              readonly $get: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'network-get-interfaces': {
              readonly $get: () => Promise<{
                readonly result?: readonly {
                  readonly name?: string
                  readonly 'hardware-address'?: string
                  readonly 'ip-addresses'?: readonly {
                    readonly 'ip-address'?: string
                    readonly 'ip-address-type'?: string
                    readonly prefix?: number
                  }[]
                }[]
              }>
            }
            readonly ping: {
              readonly $post: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'set-user-password': {
              readonly $post: (param: {
                readonly crypted?: boolean | 0 | 1 | undefined
                readonly password: string
                readonly username: string
              }) => Promise<Readonly<Record<string, unknown>>>
            }
            readonly shutdown: {
              readonly $post: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'suspend-disk': {
              readonly $post: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'suspend-hybrid': {
              readonly $post: () => Promise<Readonly<Record<string, unknown>>>
            }
            readonly 'suspend-ram': {
              readonly $post: () => Promise<Readonly<Record<string, unknown>>>
            }
          }
          readonly clone: {
            readonly $post: (param: {
              readonly bwlimit?: number | undefined
              readonly description?: string | undefined
              readonly format?: 'raw' | 'qcow2' | 'vmdk' | undefined
              readonly full?: boolean | 0 | 1 | undefined
              readonly name?: string | undefined
              readonly newid: number
              readonly pool?: string | undefined
              readonly snapname?: string | undefined
              readonly storage?: string | undefined
              readonly target?: string | undefined
            }) => Promise<string>
          }
          readonly cloudinit: {
            readonly $get: () => Promise<
              readonly {
                readonly delete?: number
                readonly key: string
                readonly pending?: string
                readonly value?: string
              }[]
            >
            readonly $put: () => Promise<null>
            readonly dump: {
              readonly $get: (param: { readonly type: 'user' | 'network' | 'meta' }) => Promise<string>
            }
          }
          readonly config: {
            readonly $get: (param?: {
              readonly current?: boolean | 0 | 1 | undefined
              readonly snapshot?: string | undefined
            }) => Promise<Readonly<Record<string, unknown>>>
            readonly $post: (
              param?: QemuConfigParameters & {
                readonly background_delay?: number | undefined
                readonly delete?: string | undefined
                readonly digest?: string | undefined
                readonly force?: boolean | 0 | 1 | undefined
                readonly 'import-working-storage'?: string | undefined
                readonly revert?: string | undefined
                readonly skiplock?: boolean | 0 | 1 | undefined
              },
            ) => Promise<string | null>
            readonly $put: (
              param?: QemuConfigParameters & {
                readonly delete?: string | undefined
                readonly digest?: string | undefined
                readonly force?: boolean | 0 | 1 | undefined
                readonly revert?: string | undefined
                readonly skiplock?: boolean | 0 | 1 | undefined
              },
            ) => Promise<string | null>
          }
          readonly move_disk: {
            readonly $post: (param: {
              readonly bwlimit?: number | undefined
              readonly delete?: boolean | 0 | 1 | undefined
              readonly digest?: string | undefined
              readonly disk:
                | 'ide0'
                | 'ide1'
                | 'ide2'
                | 'ide3'
                | 'scsi0'
                | 'scsi1'
                | 'scsi2'
                | 'scsi3'
                | 'scsi4'
                | 'scsi5'
                | 'scsi6'
                | 'scsi7'
                | 'scsi8'
                | 'scsi9'
                | 'scsi10'
                | 'scsi11'
                | 'scsi12'
                | 'scsi13'
                | 'scsi14'
                | 'scsi15'
                | 'scsi16'
                | 'scsi17'
                | 'scsi18'
                | 'scsi19'
                | 'scsi20'
                | 'scsi21'
                | 'scsi22'
                | 'scsi23'
                | 'scsi24'
                | 'scsi25'
                | 'scsi26'
                | 'scsi27'
                | 'scsi28'
                | 'scsi29'
                | 'scsi30'
                | 'virtio0'
                | 'virtio1'
                | 'virtio2'
                | 'virtio3'
                | 'virtio4'
                | 'virtio5'
                | 'virtio6'
                | 'virtio7'
                | 'virtio8'
                | 'virtio9'
                | 'virtio10'
                | 'virtio11'
                | 'virtio12'
                | 'virtio13'
                | 'virtio14'
                | 'virtio15'
                | 'sata0'
                | 'sata1'
                | 'sata2'
                | 'sata3'
                | 'sata4'
                | 'sata5'
                | 'efidisk0'
                | 'tpmstate0'
                | 'unused0'
                | 'unused1'
                | 'unused2'
                | 'unused3'
                | 'unused4'
                | 'unused5'
                | 'unused6'
                | 'unused7'
                | 'unused8'
                | 'unused9'
                | 'unused10'
                | 'unused11'
                | 'unused12'
                | 'unused13'
                | 'unused14'
                | 'unused15'
                | 'unused16'
                | 'unused17'
                | 'unused18'
                | 'unused19'
                | 'unused20'
                | 'unused21'
                | 'unused22'
                | 'unused23'
                | 'unused24'
                | 'unused25'
                | 'unused26'
                | 'unused27'
                | 'unused28'
                | 'unused29'
                | 'unused30'
                | 'unused31'
                | 'unused32'
                | 'unused33'
                | 'unused34'
                | 'unused35'
                | 'unused36'
                | 'unused37'
                | 'unused38'
                | 'unused39'
                | 'unused40'
                | 'unused41'
                | 'unused42'
                | 'unused43'
                | 'unused44'
                | 'unused45'
                | 'unused46'
                | 'unused47'
                | 'unused48'
                | 'unused49'
                | 'unused50'
                | 'unused51'
                | 'unused52'
                | 'unused53'
                | 'unused54'
                | 'unused55'
                | 'unused56'
                | 'unused57'
                | 'unused58'
                | 'unused59'
                | 'unused60'
                | 'unused61'
                | 'unused62'
                | 'unused63'
                | 'unused64'
                | 'unused65'
                | 'unused66'
                | 'unused67'
                | 'unused68'
                | 'unused69'
                | 'unused70'
                | 'unused71'
                | 'unused72'
                | 'unused73'
                | 'unused74'
                | 'unused75'
                | 'unused76'
                | 'unused77'
                | 'unused78'
                | 'unused79'
                | 'unused80'
                | 'unused81'
                | 'unused82'
                | 'unused83'
                | 'unused84'
                | 'unused85'
                | 'unused86'
                | 'unused87'
                | 'unused88'
                | 'unused89'
                | 'unused90'
                | 'unused91'
                | 'unused92'
                | 'unused93'
                | 'unused94'
                | 'unused95'
                | 'unused96'
                | 'unused97'
                | 'unused98'
                | 'unused99'
                | 'unused100'
                | 'unused101'
                | 'unused102'
                | 'unused103'
                | 'unused104'
                | 'unused105'
                | 'unused106'
                | 'unused107'
                | 'unused108'
                | 'unused109'
                | 'unused110'
                | 'unused111'
                | 'unused112'
                | 'unused113'
                | 'unused114'
                | 'unused115'
                | 'unused116'
                | 'unused117'
                | 'unused118'
                | 'unused119'
                | 'unused120'
                | 'unused121'
                | 'unused122'
                | 'unused123'
                | 'unused124'
                | 'unused125'
                | 'unused126'
                | 'unused127'
                | 'unused128'
                | 'unused129'
                | 'unused130'
                | 'unused131'
                | 'unused132'
                | 'unused133'
                | 'unused134'
                | 'unused135'
                | 'unused136'
                | 'unused137'
                | 'unused138'
                | 'unused139'
                | 'unused140'
                | 'unused141'
                | 'unused142'
                | 'unused143'
                | 'unused144'
                | 'unused145'
                | 'unused146'
                | 'unused147'
                | 'unused148'
                | 'unused149'
                | 'unused150'
                | 'unused151'
                | 'unused152'
                | 'unused153'
                | 'unused154'
                | 'unused155'
                | 'unused156'
                | 'unused157'
                | 'unused158'
                | 'unused159'
                | 'unused160'
                | 'unused161'
                | 'unused162'
                | 'unused163'
                | 'unused164'
                | 'unused165'
                | 'unused166'
                | 'unused167'
                | 'unused168'
                | 'unused169'
                | 'unused170'
                | 'unused171'
                | 'unused172'
                | 'unused173'
                | 'unused174'
                | 'unused175'
                | 'unused176'
                | 'unused177'
                | 'unused178'
                | 'unused179'
                | 'unused180'
                | 'unused181'
                | 'unused182'
                | 'unused183'
                | 'unused184'
                | 'unused185'
                | 'unused186'
                | 'unused187'
                | 'unused188'
                | 'unused189'
                | 'unused190'
                | 'unused191'
                | 'unused192'
                | 'unused193'
                | 'unused194'
                | 'unused195'
                | 'unused196'
                | 'unused197'
                | 'unused198'
                | 'unused199'
                | 'unused200'
                | 'unused201'
                | 'unused202'
                | 'unused203'
                | 'unused204'
                | 'unused205'
                | 'unused206'
                | 'unused207'
                | 'unused208'
                | 'unused209'
                | 'unused210'
                | 'unused211'
                | 'unused212'
                | 'unused213'
                | 'unused214'
                | 'unused215'
                | 'unused216'
                | 'unused217'
                | 'unused218'
                | 'unused219'
                | 'unused220'
                | 'unused221'
                | 'unused222'
                | 'unused223'
                | 'unused224'
                | 'unused225'
                | 'unused226'
                | 'unused227'
                | 'unused228'
                | 'unused229'
                | 'unused230'
                | 'unused231'
                | 'unused232'
                | 'unused233'
                | 'unused234'
                | 'unused235'
                | 'unused236'
                | 'unused237'
                | 'unused238'
                | 'unused239'
                | 'unused240'
                | 'unused241'
                | 'unused242'
                | 'unused243'
                | 'unused244'
                | 'unused245'
                | 'unused246'
                | 'unused247'
                | 'unused248'
                | 'unused249'
                | 'unused250'
                | 'unused251'
                | 'unused252'
                | 'unused253'
                | 'unused254'
                | 'unused255'
              readonly format?: 'raw' | 'qcow2' | 'vmdk' | undefined
              readonly storage?: string | undefined
              readonly 'target-digest'?: string | undefined
              readonly 'target-disk'?:
                | 'ide0'
                | 'ide1'
                | 'ide2'
                | 'ide3'
                | 'scsi0'
                | 'scsi1'
                | 'scsi2'
                | 'scsi3'
                | 'scsi4'
                | 'scsi5'
                | 'scsi6'
                | 'scsi7'
                | 'scsi8'
                | 'scsi9'
                | 'scsi10'
                | 'scsi11'
                | 'scsi12'
                | 'scsi13'
                | 'scsi14'
                | 'scsi15'
                | 'scsi16'
                | 'scsi17'
                | 'scsi18'
                | 'scsi19'
                | 'scsi20'
                | 'scsi21'
                | 'scsi22'
                | 'scsi23'
                | 'scsi24'
                | 'scsi25'
                | 'scsi26'
                | 'scsi27'
                | 'scsi28'
                | 'scsi29'
                | 'scsi30'
                | 'virtio0'
                | 'virtio1'
                | 'virtio2'
                | 'virtio3'
                | 'virtio4'
                | 'virtio5'
                | 'virtio6'
                | 'virtio7'
                | 'virtio8'
                | 'virtio9'
                | 'virtio10'
                | 'virtio11'
                | 'virtio12'
                | 'virtio13'
                | 'virtio14'
                | 'virtio15'
                | 'sata0'
                | 'sata1'
                | 'sata2'
                | 'sata3'
                | 'sata4'
                | 'sata5'
                | 'efidisk0'
                | 'tpmstate0'
                | 'unused0'
                | 'unused1'
                | 'unused2'
                | 'unused3'
                | 'unused4'
                | 'unused5'
                | 'unused6'
                | 'unused7'
                | 'unused8'
                | 'unused9'
                | 'unused10'
                | 'unused11'
                | 'unused12'
                | 'unused13'
                | 'unused14'
                | 'unused15'
                | 'unused16'
                | 'unused17'
                | 'unused18'
                | 'unused19'
                | 'unused20'
                | 'unused21'
                | 'unused22'
                | 'unused23'
                | 'unused24'
                | 'unused25'
                | 'unused26'
                | 'unused27'
                | 'unused28'
                | 'unused29'
                | 'unused30'
                | 'unused31'
                | 'unused32'
                | 'unused33'
                | 'unused34'
                | 'unused35'
                | 'unused36'
                | 'unused37'
                | 'unused38'
                | 'unused39'
                | 'unused40'
                | 'unused41'
                | 'unused42'
                | 'unused43'
                | 'unused44'
                | 'unused45'
                | 'unused46'
                | 'unused47'
                | 'unused48'
                | 'unused49'
                | 'unused50'
                | 'unused51'
                | 'unused52'
                | 'unused53'
                | 'unused54'
                | 'unused55'
                | 'unused56'
                | 'unused57'
                | 'unused58'
                | 'unused59'
                | 'unused60'
                | 'unused61'
                | 'unused62'
                | 'unused63'
                | 'unused64'
                | 'unused65'
                | 'unused66'
                | 'unused67'
                | 'unused68'
                | 'unused69'
                | 'unused70'
                | 'unused71'
                | 'unused72'
                | 'unused73'
                | 'unused74'
                | 'unused75'
                | 'unused76'
                | 'unused77'
                | 'unused78'
                | 'unused79'
                | 'unused80'
                | 'unused81'
                | 'unused82'
                | 'unused83'
                | 'unused84'
                | 'unused85'
                | 'unused86'
                | 'unused87'
                | 'unused88'
                | 'unused89'
                | 'unused90'
                | 'unused91'
                | 'unused92'
                | 'unused93'
                | 'unused94'
                | 'unused95'
                | 'unused96'
                | 'unused97'
                | 'unused98'
                | 'unused99'
                | 'unused100'
                | 'unused101'
                | 'unused102'
                | 'unused103'
                | 'unused104'
                | 'unused105'
                | 'unused106'
                | 'unused107'
                | 'unused108'
                | 'unused109'
                | 'unused110'
                | 'unused111'
                | 'unused112'
                | 'unused113'
                | 'unused114'
                | 'unused115'
                | 'unused116'
                | 'unused117'
                | 'unused118'
                | 'unused119'
                | 'unused120'
                | 'unused121'
                | 'unused122'
                | 'unused123'
                | 'unused124'
                | 'unused125'
                | 'unused126'
                | 'unused127'
                | 'unused128'
                | 'unused129'
                | 'unused130'
                | 'unused131'
                | 'unused132'
                | 'unused133'
                | 'unused134'
                | 'unused135'
                | 'unused136'
                | 'unused137'
                | 'unused138'
                | 'unused139'
                | 'unused140'
                | 'unused141'
                | 'unused142'
                | 'unused143'
                | 'unused144'
                | 'unused145'
                | 'unused146'
                | 'unused147'
                | 'unused148'
                | 'unused149'
                | 'unused150'
                | 'unused151'
                | 'unused152'
                | 'unused153'
                | 'unused154'
                | 'unused155'
                | 'unused156'
                | 'unused157'
                | 'unused158'
                | 'unused159'
                | 'unused160'
                | 'unused161'
                | 'unused162'
                | 'unused163'
                | 'unused164'
                | 'unused165'
                | 'unused166'
                | 'unused167'
                | 'unused168'
                | 'unused169'
                | 'unused170'
                | 'unused171'
                | 'unused172'
                | 'unused173'
                | 'unused174'
                | 'unused175'
                | 'unused176'
                | 'unused177'
                | 'unused178'
                | 'unused179'
                | 'unused180'
                | 'unused181'
                | 'unused182'
                | 'unused183'
                | 'unused184'
                | 'unused185'
                | 'unused186'
                | 'unused187'
                | 'unused188'
                | 'unused189'
                | 'unused190'
                | 'unused191'
                | 'unused192'
                | 'unused193'
                | 'unused194'
                | 'unused195'
                | 'unused196'
                | 'unused197'
                | 'unused198'
                | 'unused199'
                | 'unused200'
                | 'unused201'
                | 'unused202'
                | 'unused203'
                | 'unused204'
                | 'unused205'
                | 'unused206'
                | 'unused207'
                | 'unused208'
                | 'unused209'
                | 'unused210'
                | 'unused211'
                | 'unused212'
                | 'unused213'
                | 'unused214'
                | 'unused215'
                | 'unused216'
                | 'unused217'
                | 'unused218'
                | 'unused219'
                | 'unused220'
                | 'unused221'
                | 'unused222'
                | 'unused223'
                | 'unused224'
                | 'unused225'
                | 'unused226'
                | 'unused227'
                | 'unused228'
                | 'unused229'
                | 'unused230'
                | 'unused231'
                | 'unused232'
                | 'unused233'
                | 'unused234'
                | 'unused235'
                | 'unused236'
                | 'unused237'
                | 'unused238'
                | 'unused239'
                | 'unused240'
                | 'unused241'
                | 'unused242'
                | 'unused243'
                | 'unused244'
                | 'unused245'
                | 'unused246'
                | 'unused247'
                | 'unused248'
                | 'unused249'
                | 'unused250'
                | 'unused251'
                | 'unused252'
                | 'unused253'
                | 'unused254'
                | 'unused255'
                | undefined
              readonly 'target-vmid'?: number | undefined
            }) => Promise<string>
          }
          readonly pending: {
            readonly $get: () => Promise<
              readonly {
                readonly key: string
                readonly value?: string | number
                readonly pending?: string | number
                readonly delete?: number
              }[]
            >
          }
          readonly resize: {
            readonly $put: (param: {
              readonly digest?: string | undefined
              readonly disk:
                | 'ide0'
                | 'ide1'
                | 'ide2'
                | 'ide3'
                | 'scsi0'
                | 'scsi1'
                | 'scsi2'
                | 'scsi3'
                | 'scsi4'
                | 'scsi5'
                | 'scsi6'
                | 'scsi7'
                | 'scsi8'
                | 'scsi9'
                | 'scsi10'
                | 'scsi11'
                | 'scsi12'
                | 'scsi13'
                | 'scsi14'
                | 'scsi15'
                | 'scsi16'
                | 'scsi17'
                | 'scsi18'
                | 'scsi19'
                | 'scsi20'
                | 'scsi21'
                | 'scsi22'
                | 'scsi23'
                | 'scsi24'
                | 'scsi25'
                | 'scsi26'
                | 'scsi27'
                | 'scsi28'
                | 'scsi29'
                | 'scsi30'
                | 'virtio0'
                | 'virtio1'
                | 'virtio2'
                | 'virtio3'
                | 'virtio4'
                | 'virtio5'
                | 'virtio6'
                | 'virtio7'
                | 'virtio8'
                | 'virtio9'
                | 'virtio10'
                | 'virtio11'
                | 'virtio12'
                | 'virtio13'
                | 'virtio14'
                | 'virtio15'
                | 'sata0'
                | 'sata1'
                | 'sata2'
                | 'sata3'
                | 'sata4'
                | 'sata5'
                | 'efidisk0'
                | 'tpmstate0'
              readonly size: string
              readonly skiplock?: boolean | 0 | 1 | undefined
            }) => Promise<string | null>
          }
          readonly status: {
            readonly $get: () => Promise<readonly { readonly subdir: string }[]>
            readonly current: {
              readonly $get: () => Promise<{
                readonly agent?: Flag
                readonly clipboard?: string
                readonly cpu?: number
                readonly cpus?: number
                readonly diskread?: number
                readonly diskwrite?: number
                readonly ha: Readonly<Record<string, unknown>>
                readonly lock?: string
                readonly maxdisk?: number
                readonly maxmem?: number
                readonly mem?: number
                readonly memhost?: number
                readonly name?: string
                readonly netin?: number
                readonly netout?: number
                readonly pid?: number
                readonly pressurecpufull?: number
                readonly pressurecpusome?: number
                readonly pressureiofull?: number
                readonly pressureiosome?: number
                readonly pressurememoryfull?: number
                readonly pressurememorysome?: number
                readonly qmpstatus?: string
                readonly 'running-machine'?: string
                readonly 'running-qemu'?: string
                readonly serial?: Flag
                readonly spice?: Flag
                readonly status: string
                readonly tags?: string
                readonly template?: Flag
                readonly uptime?: number
                readonly vmid: number
              }>
            }
            readonly reboot: {
              readonly $post: (param?: { readonly timeout?: number | undefined }) => Promise<string>
            }
            readonly reset: {
              readonly $post: (param?: { readonly skiplock?: boolean | 0 | 1 | undefined }) => Promise<string>
            }
            readonly resume: {
              readonly $post: (param?: {
                readonly nocheck?: boolean | 0 | 1 | undefined
                readonly skiplock?: boolean | 0 | 1 | undefined
              }) => Promise<string>
            }
            readonly shutdown: {
              readonly $post: (param?: {
                readonly forceStop?: boolean | 0 | 1 | undefined
                readonly keepActive?: boolean | 0 | 1 | undefined
                readonly skiplock?: boolean | 0 | 1 | undefined
                readonly timeout?: number | undefined
              }) => Promise<string>
            }
            readonly start: {
              readonly $post: (param?: {
                readonly 'force-cpu'?: string | undefined
                readonly machine?: string | undefined
                readonly migratedfrom?: string | undefined
                readonly migration_network?: string | undefined
                readonly migration_type?: 'secure' | 'insecure' | undefined
                readonly 'nets-host-mtu'?: string | undefined
                readonly skiplock?: boolean | 0 | 1 | undefined
                readonly stateuri?: string | undefined
                readonly targetstorage?: string | undefined
                readonly timeout?: number | undefined
                readonly 'with-conntrack-state'?: boolean | 0 | 1 | undefined
              }) => Promise<string>
            }
            readonly stop: {
              readonly $post: (param?: {
                readonly keepActive?: boolean | 0 | 1 | undefined
                readonly migratedfrom?: string | undefined
                readonly 'overrule-shutdown'?: boolean | 0 | 1 | undefined
                readonly skiplock?: boolean | 0 | 1 | undefined
                readonly timeout?: number | undefined
              }) => Promise<string>
            }
            readonly suspend: {
              readonly $post: (param?: {
                readonly skiplock?: boolean | 0 | 1 | undefined
                readonly statestorage?: string | undefined
                readonly todisk?: boolean | 0 | 1 | undefined
              }) => Promise<string>
            }
          }
          readonly template: {
            readonly $post: (param?: {
              readonly disk?:
                | 'ide0'
                | 'ide1'
                | 'ide2'
                | 'ide3'
                | 'scsi0'
                | 'scsi1'
                | 'scsi2'
                | 'scsi3'
                | 'scsi4'
                | 'scsi5'
                | 'scsi6'
                | 'scsi7'
                | 'scsi8'
                | 'scsi9'
                | 'scsi10'
                | 'scsi11'
                | 'scsi12'
                | 'scsi13'
                | 'scsi14'
                | 'scsi15'
                | 'scsi16'
                | 'scsi17'
                | 'scsi18'
                | 'scsi19'
                | 'scsi20'
                | 'scsi21'
                | 'scsi22'
                | 'scsi23'
                | 'scsi24'
                | 'scsi25'
                | 'scsi26'
                | 'scsi27'
                | 'scsi28'
                | 'scsi29'
                | 'scsi30'
                | 'virtio0'
                | 'virtio1'
                | 'virtio2'
                | 'virtio3'
                | 'virtio4'
                | 'virtio5'
                | 'virtio6'
                | 'virtio7'
                | 'virtio8'
                | 'virtio9'
                | 'virtio10'
                | 'virtio11'
                | 'virtio12'
                | 'virtio13'
                | 'virtio14'
                | 'virtio15'
                | 'sata0'
                | 'sata1'
                | 'sata2'
                | 'sata3'
                | 'sata4'
                | 'sata5'
                | 'efidisk0'
                | 'tpmstate0'
                | undefined
            }) => Promise<string>
          }
          readonly unlink: {
            readonly $put: (param: {
              readonly force?: boolean | 0 | 1 | undefined
              readonly idlist: string
            }) => Promise<null>
          }
        }
      }
      readonly status: {
        readonly $get: () => Promise<{
          readonly 'boot-info': { readonly mode: string; readonly secureboot?: Flag }
          readonly cpu: number
          readonly cpuinfo: {
            readonly cores: number
            readonly cpus: number
            readonly model: string
            readonly sockets: number
          }
          readonly 'current-kernel': {
            readonly machine: string
            readonly release: string
            readonly sysname: string
            readonly version: string
          }
          readonly loadavg: readonly string[]
          readonly memory: {
            readonly available: number
            readonly free: number
            readonly total: number
            readonly used: number
          }
          readonly pveversion: string
          readonly rootfs: {
            readonly avail: number
            readonly free: number
            readonly total: number
            readonly used: number
          }
        }>
        readonly $post: (param: { readonly command: 'reboot' | 'shutdown' }) => Promise<null>
      }
      readonly storage: {
        readonly $get: (param?: {
          readonly content?: string | undefined
          readonly enabled?: boolean | 0 | 1 | undefined
          readonly format?: boolean | 0 | 1 | undefined
          readonly storage?: string | undefined
          readonly target?: string | undefined
        }) => Promise<
          readonly {
            readonly active?: Flag
            readonly avail?: number
            readonly content: string
            readonly enabled?: Flag
            readonly formats?: { readonly default: string; readonly supported: readonly string[] }
            readonly select_existing?: Flag
            readonly shared?: Flag
            readonly storage: string
            readonly total?: number
            readonly type: string
            readonly used?: number
            readonly used_fraction?: number
          }[]
        >
        readonly $: (id: string | number) => {
          readonly $get: () => Promise<readonly { readonly subdir: string }[]>
          readonly content: {
            readonly $get: (param?: {
              readonly content?: string | undefined
              readonly vmid?: number | undefined
            }) => Promise<
              readonly {
                readonly volid: string
                readonly size?: number
                readonly ctime?: number
                readonly format?: string
                readonly content?: string
                readonly vmid?: number | string
                readonly parent?: string
              }[]
            >
            readonly $post: (param: {
              readonly filename: string
              readonly format?: 'raw' | 'qcow2' | 'subvol' | 'vmdk' | undefined
              readonly size: string
              readonly vmid: number
            }) => Promise<string>
            readonly $: (id: string | number) => {
              readonly $delete: (param?: { readonly delay?: number | undefined }) => Promise<string | null>
              readonly $get: () => Promise<{
                readonly format: string
                readonly notes?: string
                readonly path: string
                readonly protected?: Flag
                readonly size: number
                readonly used: number
              }>
              readonly $post: (param: {
                readonly target: string
                readonly target_node?: string | undefined
              }) => Promise<string>
              readonly $put: (param?: {
                readonly notes?: string | undefined
                readonly protected?: boolean | 0 | 1 | undefined
              }) => Promise<null>
            }
          }
          readonly 'download-url': {
            readonly $post: (param: {
              readonly checksum?: string | undefined
              readonly 'checksum-algorithm'?: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | undefined
              readonly compression?: string | undefined
              readonly content: 'iso' | 'vztmpl' | 'import'
              readonly filename: string
              readonly url: string
              readonly 'verify-certificates'?: boolean | 0 | 1 | undefined
            }) => Promise<string>
          }
          readonly identity: {
            readonly $get: () => Promise<{ readonly id: string; readonly type: string }>
          }
          readonly 'import-metadata': {
            readonly $get: (param: { readonly volume: string }) => Promise<{
              readonly 'create-args': Readonly<Record<string, unknown>>
              readonly disks?: Readonly<Record<string, unknown>>
              readonly net?: Readonly<Record<string, unknown>>
              readonly source: string
              readonly type: string
              readonly warnings?: readonly { readonly key?: string; readonly type: string; readonly value?: string }[]
            }>
          }
          readonly 'oci-registry-pull': {
            readonly $post: (param: {
              readonly filename?: string | undefined
              readonly reference: string
            }) => Promise<string>
          }
          readonly prunebackups: {
            readonly $delete: (param?: {
              readonly 'prune-backups'?: string | undefined
              readonly type?: 'qemu' | 'lxc' | undefined
              readonly vmid?: number | undefined
            }) => Promise<string>
            readonly $get: (param?: {
              readonly 'prune-backups'?: string | undefined
              readonly type?: 'qemu' | 'lxc' | undefined
              readonly vmid?: number | undefined
            }) => Promise<
              readonly {
                readonly ctime: number
                readonly mark: string
                readonly type: string
                readonly vmid?: number
                readonly volid: string
              }[]
            >
          }
          readonly status: {
            readonly $get: () => Promise<{
              readonly active?: Flag
              readonly avail?: number
              readonly content: string
              readonly enabled?: Flag
              readonly shared?: Flag
              readonly total?: number
              readonly type: string
              readonly used?: number
            }>
          }
          readonly upload: {
            readonly $post: (param: {
              readonly checksum?: string | undefined
              readonly 'checksum-algorithm'?: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | undefined
              readonly content: 'iso' | 'vztmpl' | 'import'
              readonly filename: string
              readonly tmpfilename?: string | undefined
            }) => Promise<string>
          }
        }
      }
      readonly tasks: {
        readonly $get: (param?: {
          readonly errors?: boolean | 0 | 1 | undefined
          readonly limit?: number | undefined
          readonly since?: number | undefined
          readonly source?: 'archive' | 'active' | 'all' | undefined
          readonly start?: number | undefined
          readonly statusfilter?: string | undefined
          readonly typefilter?: string | undefined
          readonly until?: number | undefined
          readonly userfilter?: string | undefined
          readonly vmid?: number | undefined
        }) => Promise<
          readonly {
            readonly endtime?: number
            readonly id: string
            readonly node: string
            readonly pid: number
            readonly pstart: number
            readonly starttime: number
            readonly status?: string
            readonly type: string
            readonly upid: string
            readonly user: string
          }[]
        >
        readonly $: (id: string | number) => {
          readonly $delete: () => Promise<null>
          readonly $get: () => Promise<readonly Readonly<Record<string, unknown>>[]>
          readonly log: {
            readonly $get: (param?: {
              readonly download?: boolean | 0 | 1 | undefined
              readonly limit?: number | undefined
              readonly start?: number | undefined
            }) => Promise<readonly { readonly n: number; readonly t: string }[]>
          }
          readonly status: {
            readonly $get: () => Promise<{
              readonly exitstatus?: string
              readonly id: string
              readonly node: string
              readonly pid: number
              readonly pstart: number
              readonly starttime: number
              readonly status: string
              readonly type: string
              readonly upid: string
              readonly user: string
            }>
          }
        }
      }
    }
  }
  readonly pools: {
    readonly $delete: (param: { readonly poolid: string }) => Promise<null>
    readonly $get: (param?: {
      readonly poolid?: string | undefined
      readonly type?: 'qemu' | 'lxc' | 'storage' | undefined
    }) => Promise<
      readonly {
        readonly comment?: string
        readonly members?: readonly {
          readonly id: string
          readonly node: string
          readonly storage?: string
          readonly type: string
          readonly vmid?: number
        }[]
        readonly poolid: string
      }[]
    >
    readonly $post: (param: { readonly comment?: string | undefined; readonly poolid: string }) => Promise<null>
    readonly $put: (param: {
      readonly 'allow-move'?: boolean | 0 | 1 | undefined
      readonly comment?: string | undefined
      readonly delete?: boolean | 0 | 1 | undefined
      readonly poolid: string
      readonly storage?: string | undefined
      readonly vms?: string | undefined
    }) => Promise<null>
    readonly $: (id: string | number) => {
      readonly $delete: () => Promise<null>
      readonly $get: (param?: { readonly type?: 'qemu' | 'lxc' | 'storage' | undefined }) => Promise<{
        readonly comment?: string
        readonly members: readonly {
          readonly id: string
          readonly node: string
          readonly storage?: string
          readonly type: string
          readonly vmid?: number
        }[]
      }>
      readonly $put: (param?: {
        readonly 'allow-move'?: boolean | 0 | 1 | undefined
        readonly comment?: string | undefined
        readonly delete?: boolean | 0 | 1 | undefined
        readonly storage?: string | undefined
        readonly vms?: string | undefined
      }) => Promise<null>
    }
  }
  readonly storage: {
    readonly $get: (param?: {
      readonly type?:
        | 'btrfs'
        | 'cephfs'
        | 'cifs'
        | 'dir'
        | 'esxi'
        | 'iscsi'
        | 'iscsidirect'
        | 'lvm'
        | 'lvmthin'
        | 'nfs'
        | 'pbs'
        | 'rbd'
        | 'zfs'
        | 'zfspool'
        | undefined
    }) => Promise<readonly { readonly storage: string }[]>
    readonly $post: (param: {
      readonly authsupported?: string | undefined
      readonly base?: string | undefined
      readonly blocksize?: string | undefined
      readonly bwlimit?: string | undefined
      readonly comstar_hg?: string | undefined
      readonly comstar_tg?: string | undefined
      readonly content?: string | undefined
      readonly 'content-dirs'?: string | undefined
      readonly 'create-base-path'?: boolean | 0 | 1 | undefined
      readonly 'create-subdirs'?: boolean | 0 | 1 | undefined
      readonly 'data-pool'?: string | undefined
      readonly datastore?: string | undefined
      readonly disable?: boolean | 0 | 1 | undefined
      readonly domain?: string | undefined
      readonly 'encryption-key'?: string | undefined
      readonly export?: string | undefined
      readonly fingerprint?: string | undefined
      readonly format?: 'raw' | 'qcow2' | 'subvol' | 'vmdk' | undefined
      readonly 'fs-name'?: string | undefined
      readonly fuse?: boolean | 0 | 1 | undefined
      readonly is_mountpoint?: string | undefined
      readonly iscsiprovider?: string | undefined
      readonly keyring?: string | undefined
      readonly krbd?: boolean | 0 | 1 | undefined
      readonly lio_tpg?: string | undefined
      readonly 'master-pubkey'?: string | undefined
      readonly 'max-protected-backups'?: number | undefined
      readonly mkdir?: boolean | 0 | 1 | undefined
      readonly monhost?: string | undefined
      readonly mountpoint?: string | undefined
      readonly namespace?: string | undefined
      readonly nocow?: boolean | 0 | 1 | undefined
      readonly nodes?: string | undefined
      readonly nowritecache?: boolean | 0 | 1 | undefined
      readonly options?: string | undefined
      readonly password?: string | undefined
      readonly path?: string | undefined
      readonly pool?: string | undefined
      readonly port?: number | undefined
      readonly portal?: string | undefined
      readonly preallocation?: 'off' | 'metadata' | 'falloc' | 'full' | undefined
      readonly 'prune-backups'?: string | undefined
      readonly saferemove?: boolean | 0 | 1 | undefined
      readonly 'saferemove-stepsize'?: 1 | 2 | 4 | 8 | 16 | 32 | undefined
      readonly saferemove_throughput?: string | undefined
      readonly server?: string | undefined
      readonly share?: string | undefined
      readonly shared?: boolean | 0 | 1 | undefined
      readonly 'skip-cert-verification'?: boolean | 0 | 1 | undefined
      readonly smbversion?: 'default' | '2.0' | '2.1' | '3' | '3.0' | '3.11' | undefined
      readonly 'snapshot-as-volume-chain'?: boolean | 0 | 1 | undefined
      readonly sparse?: boolean | 0 | 1 | undefined
      readonly storage: string
      readonly subdir?: string | undefined
      readonly tagged_only?: boolean | 0 | 1 | undefined
      readonly target?: string | undefined
      readonly thinpool?: string | undefined
      readonly type:
        | 'btrfs'
        | 'cephfs'
        | 'cifs'
        | 'dir'
        | 'esxi'
        | 'iscsi'
        | 'iscsidirect'
        | 'lvm'
        | 'lvmthin'
        | 'nfs'
        | 'pbs'
        | 'rbd'
        | 'zfs'
        | 'zfspool'
      readonly username?: string | undefined
      readonly vgname?: string | undefined
      readonly 'zfs-base-path'?: string | undefined
    }) => Promise<{
      readonly config?: { readonly 'encryption-key'?: string }
      readonly storage: string
      readonly type: string
    }>
    readonly $: (id: string | number) => {
      readonly $delete: () => Promise<null>
      readonly $get: () => Promise<{
        readonly storage: string
        readonly type: string
        readonly path?: string
        readonly content?: string
        readonly nodes?: string
        readonly shared?: Flag
        readonly disable?: Flag
      }>
      readonly $put: (param?: {
        readonly blocksize?: string | undefined
        readonly bwlimit?: string | undefined
        readonly comstar_hg?: string | undefined
        readonly comstar_tg?: string | undefined
        readonly content?: string | undefined
        readonly 'content-dirs'?: string | undefined
        readonly 'create-base-path'?: boolean | 0 | 1 | undefined
        readonly 'create-subdirs'?: boolean | 0 | 1 | undefined
        readonly 'data-pool'?: string | undefined
        readonly delete?: string | undefined
        readonly digest?: string | undefined
        readonly disable?: boolean | 0 | 1 | undefined
        readonly domain?: string | undefined
        readonly 'encryption-key'?: string | undefined
        readonly fingerprint?: string | undefined
        readonly format?: 'raw' | 'qcow2' | 'subvol' | 'vmdk' | undefined
        readonly 'fs-name'?: string | undefined
        readonly fuse?: boolean | 0 | 1 | undefined
        readonly is_mountpoint?: string | undefined
        readonly keyring?: string | undefined
        readonly krbd?: boolean | 0 | 1 | undefined
        readonly lio_tpg?: string | undefined
        readonly 'master-pubkey'?: string | undefined
        readonly 'max-protected-backups'?: number | undefined
        readonly mkdir?: boolean | 0 | 1 | undefined
        readonly monhost?: string | undefined
        readonly mountpoint?: string | undefined
        readonly namespace?: string | undefined
        readonly nocow?: boolean | 0 | 1 | undefined
        readonly nodes?: string | undefined
        readonly nowritecache?: boolean | 0 | 1 | undefined
        readonly options?: string | undefined
        readonly password?: string | undefined
        readonly pool?: string | undefined
        readonly port?: number | undefined
        readonly preallocation?: 'off' | 'metadata' | 'falloc' | 'full' | undefined
        readonly 'prune-backups'?: string | undefined
        readonly saferemove?: boolean | 0 | 1 | undefined
        readonly 'saferemove-stepsize'?: 1 | 2 | 4 | 8 | 16 | 32 | undefined
        readonly saferemove_throughput?: string | undefined
        readonly server?: string | undefined
        readonly shared?: boolean | 0 | 1 | undefined
        readonly 'skip-cert-verification'?: boolean | 0 | 1 | undefined
        readonly smbversion?: 'default' | '2.0' | '2.1' | '3' | '3.0' | '3.11' | undefined
        readonly 'snapshot-as-volume-chain'?: boolean | 0 | 1 | undefined
        readonly sparse?: boolean | 0 | 1 | undefined
        readonly subdir?: string | undefined
        readonly tagged_only?: boolean | 0 | 1 | undefined
        readonly username?: string | undefined
        readonly 'zfs-base-path'?: string | undefined
      }) => Promise<{
        readonly config?: { readonly 'encryption-key'?: string }
        readonly storage: string
        readonly type: string
      }>
    }
  }
  readonly version: {
    readonly $get: () => Promise<{
      readonly console?: string
      readonly release: string
      readonly repoid: string
      readonly version: string
    }>
  }
}

// The CPU types of each version (qemu-server CPUConfig.pm). Custom models (`custom-…`) are not supported.
import type { ProxmoxVersion } from './rules.ts'

const COMMON = `486 pentium pentium2 pentium3 coreduo core2duo Conroe Penryn Nehalem Nehalem-IBRS Westmere Westmere-IBRS
SandyBridge SandyBridge-IBRS IvyBridge IvyBridge-IBRS Haswell Haswell-IBRS Haswell-noTSX Haswell-noTSX-IBRS Broadwell
Broadwell-IBRS Broadwell-noTSX Broadwell-noTSX-IBRS Skylake-Client Skylake-Client-IBRS Skylake-Client-noTSX-IBRS
Skylake-Client-v4 Skylake-Server Skylake-Server-IBRS Skylake-Server-noTSX-IBRS Skylake-Server-v4 Skylake-Server-v5
Cascadelake-Server Cascadelake-Server-v2 Cascadelake-Server-noTSX Cascadelake-Server-v4 Cascadelake-Server-v5
Cooperlake Cooperlake-v2 KnightsMill Icelake-Client Icelake-Client-noTSX Icelake-Server Icelake-Server-noTSX
Icelake-Server-v3 Icelake-Server-v4 Icelake-Server-v5 Icelake-Server-v6 SapphireRapids SapphireRapids-v2 GraniteRapids
athlon phenom Opteron_G1 Opteron_G2 Opteron_G3 Opteron_G4 Opteron_G5 EPYC EPYC-IBPB EPYC-v3 EPYC-v4 EPYC-Rome
EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Milan EPYC-Milan-v2 EPYC-Genoa host kvm32 kvm64 qemu32 qemu64 max`

const SINCE_9 = `Icelake-Server-v7 SapphireRapids-v3 SapphireRapids-v4 GraniteRapids-v2 GraniteRapids-v3 SierraForest
SierraForest-v2 SierraForest-v3 ClearwaterForest EPYC-v5 EPYC-Rome-v5 EPYC-Milan-v3 EPYC-Genoa-v2 EPYC-Turin a64fx
cortex-a35 cortex-a53 cortex-a55 cortex-a57 cortex-a710 cortex-a72 cortex-a76 neoverse-n1 neoverse-n2 neoverse-v1`

/** Types that Proxmox defines itself, based on QEMU's models. */
export const builtInModels: readonly string[] = ['x86-64-v2', 'x86-64-v2-AES', 'x86-64-v3', 'x86-64-v4']

const words = (text: string): readonly string[] => text.split(/\s+/)

/** QEMU's models in Proxmox's order: alphabetical, ignoring case. */
export function reportedModels(version: ProxmoxVersion): readonly string[] {
  const models = version === '8.4' ? words(COMMON) : [...words(COMMON), ...words(SINCE_9)]
  return models.toSorted((one, other) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1))
}

/** `default`: the CPU of the host. */
export function vendorOf(model: string): string {
  if (/^(?:host|max|kvm|qemu|x86-64-v)/.test(model)) return 'default'
  if (/^(?:a64fx|cortex|neoverse)/.test(model)) return 'ARM'
  return /^(?:athlon|phenom|Opteron|EPYC)/.test(model) ? 'AuthenticAMD' : 'GenuineIntel'
}

/** Returns true if a machine may have this CPU type: one of QEMU's, or one that Proxmox defines. */
export function isCpuType(name: string, version: ProxmoxVersion): boolean {
  return builtInModels.includes(name) || reportedModels(version).includes(name)
}

/** The flags that a machine's configuration may set. */
export const cpuFlags = (version: ProxmoxVersion): readonly string[] =>
  version === '8.4'
    ? words('pcid spec-ctrl ibpb ssbd virt-ssbd amd-ssbd amd-no-ssb pdpe1gb md-clear hv-tlbflush hv-evmcs aes')
    : words(
        'aes amd-no-ssb amd-ssbd hv-evmcs hv-tlbflush ibpb md-clear nested-virt pcid pdpe1gb spec-ctrl ssbd virt-ssbd',
      )

/** The flags that a machine's configuration may set since 9, in the API's order. */
export const flagDescriptions: Readonly<Record<string, string>> = {
  'nested-virt':
    "Controls nested virtualization, namely 'svm' for AMD CPUs and 'vmx' for Intel CPUs. Live migration still only works if it's the same flag on both sides. Use a CPU model similar to the host, with the same vendor, not x86-64-vX!",
  aes: 'Activate AES instruction set for HW acceleration.',
  'amd-no-ssb': 'Notifies guest OS that host is not vulnerable for Spectre on AMD CPUs.',
  'amd-ssbd': "Improves Spectre mitigation performance with AMD CPUs, best used with 'virt-ssbd'.",
  'hv-evmcs': 'Improve performance for nested virtualization. Only supported on Intel CPUs.',
  'hv-tlbflush': 'Improve performance in overcommitted Windows guests. May lead to guest bluescreens on old CPUs.',
  ibpb: 'Allows improved Spectre mitigation with AMD CPUs.',
  'md-clear': 'Required to let the guest OS know if MDS is mitigated correctly.',
  pcid: 'Meltdown fix cost reduction on Westmere, Sandy-, and IvyBridge Intel CPUs.',
  pdpe1gb: 'Allow guest OS to use 1GB size pages, if host HW supports it.',
  'spec-ctrl': 'Allows improved Spectre mitigation with Intel CPUs.',
  ssbd: "Protection for 'Speculative Store Bypass' for Intel models.",
  'virt-ssbd': "Basis for 'Speculative Store Bypass' protection for AMD models.",
}

// Advice for Ansible keys that cannot be converted.

/** Keys without an equivalent in a manifest, and what to do instead, or why nothing is needed. */
const ADVICE: Readonly<Record<string, string>> = {
  cipassword: 'set it as cloudInit.password: "${secret:NAME}"',
  cicustom: 'set the documents as cloudInit.userData: { file: PATH }, vendorData and networkConfig',
  scsihw: 'it is always virtio-scsi-single',
  boot: 'the boot disk comes first; `boot: [scsi0, net0]` changes the order',
  bootdisk: 'the boot disk is scsi0',
  hotplug: 'the default of Proxmox is used',
  tablet: 'the default of Proxmox is used',
  kvm: 'it is always on',
  acpi: 'it is always on',
  localtime: 'the default of Proxmox is used',
  keyboard: 'the default of Proxmox is used',
  args: 'only root may set it, and a token is not root',
  hookscript: 'only root may set it, and a token is not root',
  hostpci: 'create a resource mapping (Datacenter → Resource Mappings), and set devices: [{ pci: NAME }]',
  usb: 'create a resource mapping (Datacenter → Resource Mappings), and set devices: [{ usb: NAME }]',
  efidisk0: '`bios: ovmf` adds one',
  tpmstate0: '`tpm: true` adds one',
  format: '`format` is a key of the image',
  netmask: 'write the address with its prefix, as in ip: 10.0.0.5/24',
  hostname: 'the key of the entry is the name',
  unprivileged: 'pve-provision does not create containers',
  ostemplate: 'pve-provision does not create containers',
  delete: 'a key that is absent is not changed; `false` or an empty list removes the setting',
  revert: 'there is no equivalent',
  update: 'every apply compares and updates',
  force: '`--replace NAME` replaces the machine',
  lock: 'Proxmox sets it',
}

/** Keys that configure the connection, which is not part of a manifest. */
const CONNECTION =
  /^(proxmox_|pve_)?(api_(host|user|password|token_id|token_secret|port)|host|user|password|token_id|token_secret|validate_certs|verify_ssl|url|endpoint|port)$/
/** Keys that control the module itself. */
const MACHINERY =
  /^(timeout|proxmox_default_behavior|register|when|loop|with_items|delegate_to|become|run_once|tags_mode|full|format|archive|migrate)$/

/** `was left out: …` */
export function adviceFor(key: string): string {
  if (CONNECTION.test(key))
    return 'the connection comes from PVE_ENDPOINT, PVE_TOKEN_ID and PVE_TOKEN_SECRET in the environment'
  const advice = ADVICE[key] ?? ADVICE[key.replace(/\d+$/, '')]
  if (advice !== undefined) return advice
  if (MACHINERY.test(key)) return 'it is a setting of Ansible itself'
  return 'the manifest has no such key; use `description` or `tags` for your own notes'
}

/** Returns true if a key configures the connection. */
export function isConnection(key: string): boolean {
  return CONNECTION.test(key)
}

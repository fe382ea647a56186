// Whether a guest's config is that of a template which can be cloned.

/** What the names of our templates begin with. */
export const TEMPLATE_PREFIX = 'tpl-'

/**
 * `template: 1` appears before the disks are converted (qemu-server `template_create`), and a linked clone made in that
 * moment fails; only a disk called `base-…` is ready.
 */
export function isReadyTemplate(config: Readonly<Record<string, unknown>>): boolean {
  return isTemplate(config) && typeof config.scsi0 === 'string' && /[:/]base-\d+-disk-/.test(config.scsi0)
}

/** Whether Proxmox takes it for a template, ready or not. */
export function isTemplate(config: Readonly<Record<string, unknown>>): boolean {
  return config.template === 1 || config.template === '1'
}

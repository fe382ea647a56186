// Checks from its config whether a guest is a template that can be cloned.

/** Prefix of the names of templates that this program creates. */
export const TEMPLATE_PREFIX = 'tpl-'

/**
 * `template: 1` appears before the disks are converted (qemu-server `template_create`), and a linked clone at that
 * moment fails. The template is ready only when its disk is named `base-…`.
 */
export function isReadyTemplate(config: Readonly<Record<string, unknown>>): boolean {
  return isTemplate(config) && typeof config.scsi0 === 'string' && /[:/]base-\d+-disk-/.test(config.scsi0)
}

/** Returns true if Proxmox considers the guest a template, ready or not. */
export function isTemplate(config: Readonly<Record<string, unknown>>): boolean {
  return config.template === 1 || config.template === '1'
}

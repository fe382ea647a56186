// Names the ISO with a recipe's documents. The name identifies the build and does not depend on the content.
import { fileStem } from '../../manifest/machine-disks.ts'
import { parseProperties } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'
import { CLOUD_INIT_DRIVE } from '../first-boot/proxmox-keys.ts'
import { hash16 } from '../names.ts'
import type { StepOf } from '../step.ts'

/** Returns the file name: the same in every run, and different for each node, because nodes may share the storage. */
export function buildCd({ id, image, base }: Pick<StepOf<'build'>, 'id' | 'image' | 'base'>, project: string): string {
  return `${fileStem(image)}-build-seed-${hash16(JSON.stringify([project, id, base]))}.iso`
}

/** Returns the volume id of such an ISO in a guest's CD drive, or undefined. */
export function buildCdOf(config: Config): string | undefined {
  const volid = parseProperties(config[CLOUD_INIT_DRIVE], 'file').get('file')
  return volid !== undefined && /:iso\/.+-build-seed-[0-9a-f]{16}\.iso$/.test(volid) ? volid : undefined
}

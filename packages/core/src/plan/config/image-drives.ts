// Drives that are created from an image of the manifest. They contain its name until the volume is known.
import { formatProperties, parseProperties, withProperties } from './property-string.ts'

/** No volume id begins with this. */
export const IMAGE_PREFIX = 'image:'

/** Returns the image that a drive is created from. */
export function imageOfDrive(drive: unknown): string | undefined {
  const source = parseProperties(drive, 'file').get('import-from')
  return source?.startsWith(IMAGE_PREFIX) ? source.slice(IMAGE_PREFIX.length) : undefined
}

/**
 * Returns the drive with a volume in place of the image's name. A disk is created from the volume; a CD is the volume
 * itself.
 */
export function madeFrom(drive: string, volume: string, format: 'raw' | 'qcow2' | undefined): string {
  const properties = parseProperties(drive, 'file')
  const source =
    properties.get('media') === 'cdrom'
      ? { file: volume, 'import-from': undefined }
      : { 'import-from': volume, ...(format && { format }) }
  return formatProperties(withProperties(properties, source), 'file')
}

// Drives that are made from an image of the manifest: its name stands in them until it is known which volume holds it.
import { formatProperties, parseProperties, withProperties } from './property-string.ts'

/** No volume begins so. */
export const IMAGE_PREFIX = 'image:'

/** The image that a drive is to be made from. */
export function imageOfDrive(drive: unknown): string | undefined {
  const source = parseProperties(drive, 'file').get('import-from')
  return source?.startsWith(IMAGE_PREFIX) ? source.slice(IMAGE_PREFIX.length) : undefined
}

/** The drive with a volume in place of the image's name: a disk is made from it, a CD is the volume itself. */
export function madeFrom(drive: string, volume: string, format: 'raw' | 'qcow2' | undefined): string {
  const properties = parseProperties(drive, 'file')
  const source =
    properties.get('media') === 'cdrom'
      ? { file: volume, 'import-from': undefined }
      : { 'import-from': volume, ...(format && { format }) }
  return formatProperties(withProperties(properties, source), 'file')
}

// The content of a cloud-init drive.

export type DriveFormat = 'nocloud' | 'configdrive2' | 'opennebula'

export interface CloudInitDocuments {
  readonly format: DriveFormat
  readonly user: string
  readonly network: string
  readonly meta: string
  readonly vendor: string
}

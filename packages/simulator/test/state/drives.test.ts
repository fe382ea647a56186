// Property strings of drives and networks, and sizes in Proxmox's format.
import { describe, expect, test } from 'vitest'
import {
  driveKeys,
  formatDrive,
  formatSize,
  isCloudInit,
  normalizeNetwork,
  parseDrive,
  parseSize,
  withOptions,
} from '../../src/state/drives.ts'

test('a drive is its file, then its options in order', () => {
  const drive = parseDrive('local:0,ssd=1,import-from=local:import/x.qcow2,discard=on')
  expect(drive.file).toBe('local:0')
  expect(formatDrive(withOptions(drive, { 'import-from': undefined, size: '1G' }))).toBe(
    'local:0,discard=on,size=1G,ssd=1',
  )
  expect(formatDrive(parseDrive('file=none,media=cdrom'))).toBe('none,media=cdrom')
})

test('cloud-init drives are distinguished from other CD-ROMs', () => {
  expect(isCloudInit(parseDrive('local:100/vm-100-cloudinit.qcow2,media=cdrom'))).toBe(true)
  expect(isCloudInit(parseDrive('local-lvm:vm-100-cloudinit,media=cdrom'))).toBe(true)
  expect(isCloudInit(parseDrive('local:iso/debian.iso,media=cdrom'))).toBe(false)
  expect(isCloudInit(parseDrive('local:100/vm-100-disk-0.qcow2'))).toBe(false)
})

describe('a size', () => {
  test.each([
    [0, '0T'],
    [512, '512'],
    [540_672, '528K'],
    [64 * 1024 ** 2, '64M'],
    [1536 * 1024 ** 2, '1536M'],
    [1024 ** 3, '1G'],
    [2 * 1024 ** 4, '2T'],
  ])('of %i bytes is written %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text)
    expect(parseSize(text)).toBe(bytes)
  })

  test.each(['2g', '1T1', '', '-1', 'x'])('is not %s', (text) => {
    expect(parseSize(text)).toBeUndefined()
  })

  test('may be a fraction', () => {
    expect(parseSize('1.5G')).toBe(1536 * 1024 ** 2)
  })
})

test.each([
  ['virtio,bridge=vmbr0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0'],
  ['virtio=02:00:00:00:00:0a,tag=5,firewall=1,bridge=vmbr0', 'virtio=02:00:00:00:00:0a,bridge=vmbr0,firewall=1,tag=5'],
  ['virtio=02:00:00:00:00:01,,firewall=off,', 'virtio=02:00:00:00:00:01,firewall=0'],
  ['model=e1000,bridge=vmbr0,macaddr=02:00:00:00:00:01', 'e1000=02:00:00:00:00:01,bridge=vmbr0'],
])('the network %s is kept as %s', (given, kept) => {
  expect(normalizeNetwork(given, 'BC:24:11:00:00:01')).toBe(kept)
})

test('drives are listed in the order ide, scsi, virtio, sata, firmware', () => {
  expect(driveKeys.slice(0, 5)).toEqual(['ide0', 'ide1', 'ide2', 'ide3', 'scsi0'])
  expect(driveKeys.slice(-2)).toEqual(['efidisk0', 'tpmstate0'])
})

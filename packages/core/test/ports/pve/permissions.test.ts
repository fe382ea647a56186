import { describe, expect, it } from 'vitest'
import { permissionsOf } from '../../../src/ports/pve/permissions.ts'

describe('permissions', () => {
  const has = permissionsOf({
    '/': { 'Sys.Audit': 1, 'Sys.Modify': 0 },
    '/nodes': { 'Sys.Audit': 1 },
    '/vms': { 'VM.Audit': 1, 'VM.Allocate': 0 },
    '/vms/100': { 'VM.Audit': 0 },
    '/storage/local': { 'Datastore.Audit': 0 },
    '/pool/lab': { 'VM.Allocate': 1 },
  })

  it('of a listed path are its own, propagated or not', () => {
    expect(has('/', 'Sys.Modify')).toBe(true)
    expect(has('/vms', 'VM.Allocate')).toBe(true)
    expect(has('/vms/100', 'VM.Audit')).toBe(true)
    expect(has('/storage/local', 'Datastore.Audit')).toBe(true)
  })

  it('of a listed path are not those of the path above', () => {
    expect(has('/vms/100', 'VM.Allocate')).toBe(false)
    expect(has('/pool/lab', 'Sys.Audit')).toBe(false)
  })

  it('of a path that is not listed are those that the nearest listed one propagates', () => {
    expect(has('/vms/200', 'VM.Audit')).toBe(true)
    expect(has('/vms/200', 'VM.Allocate')).toBe(false)
    expect(has('/nodes/pve1', 'Sys.Audit')).toBe(true)
    expect(has('/pool/lab/web', 'VM.Allocate')).toBe(true)
    expect(has('/mapping/pci', 'Sys.Audit')).toBe(true)
  })

  it('end at a path that Proxmox always computes and did not list', () => {
    expect(has('/storage/other', 'Sys.Audit')).toBe(false)
    expect(has('/sdn/zones/localnetwork/vmbr0', 'Sys.Audit')).toBe(false)
    expect(has('/pool', 'VM.Allocate')).toBe(false)
  })

  it('are none where the answer is none', () => {
    expect(permissionsOf({})('/', 'Sys.Audit')).toBe(false)
  })
})

// The step that deletes an image volume, on the simulated node's own storage.
import { mkdir, readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { removeVolume } from '../../../src/execute/steps/remove-volume.ts'
import type { StepOf } from '../../../src/plan/step.ts'
import { type ClusterLab, clusterLab, STEP } from '../../support/image-lab.ts'

const VOLID = 'local:import/old-0123456789abcdef.qcow2'
const REMOVE: StepOf<'remove-volume'> = {
  ...STEP,
  kind: 'remove-volume',
  id: 'remove-volume:old',
  at: { node: 'pve1', storage: 'local' },
  volid: VOLID,
}

/** A lab with the volume to remove and another one. */
async function withVolumes(): Promise<ClusterLab> {
  const lab = await clusterLab()
  await mkdir(dirname(lab.importPath('x')), { recursive: true })
  for (const name of ['old-0123456789abcdef.qcow2', 'kept.qcow2'])
    lab.qemuImg('create', '-q', '-f', 'qcow2', lab.importPath(name), '1M')
  return lab
}

const files = (lab: ClusterLab) => readdir(lab.importPath(''))

describe('remove-volume step', () => {
  it('removes the volume that it names and no other, and says which', async () => {
    await using lab = await withVolumes()
    expect(await removeVolume(REMOVE, lab.context())).toEqual({ volid: VOLID })
    expect(await files(lab)).toEqual(['kept.qcow2'])
  })

  it('may run twice: a missing volume counts as removed', async () => {
    await using lab = await withVolumes()
    await removeVolume(REMOVE, lab.context())
    expect(await removeVolume(REMOVE, lab.context())).toEqual({ volid: VOLID })
    expect(await files(lab)).toEqual(['kept.qcow2'])
  })

  it('ends only after the task of Proxmox', async () => {
    await using lab = await withVolumes()
    const look = lab.simulator.requests.hold({ method: 'GET', path: '/nodes/pve1/tasks/*/status' })
    let isDone = false
    const removing = removeVolume(REMOVE, lab.context()).then(() => {
      isDone = true
    })
    await look.arrived
    expect(isDone).toBe(false)
    look.release()
    await removing
    expect(await files(lab)).toEqual(['kept.qcow2'])
  })

  it('fails with the message of the task, and leaves the volume', async () => {
    await using lab = await withVolumes()
    lab.simulator.faults.add({ action: 'fail-task', method: 'DELETE', count: 1, reason: 'storage is busy' })
    await expect(removeVolume(REMOVE, lab.context())).rejects.toMatchObject({
      code: 'TASK',
      message: expect.stringContaining('storage is busy'),
    })
    expect((await files(lab)).toSorted()).toEqual(['kept.qcow2', 'old-0123456789abcdef.qcow2'])
  })

  it('reports that the storage does not exist', async () => {
    await using lab = await withVolumes()
    const gone = { ...REMOVE, at: { node: 'pve1', storage: 'gone' }, volid: 'gone:import/old-0123456789abcdef.qcow2' }
    await expect(removeVolume(gone, lab.context())).rejects.toMatchObject({ message: expect.stringContaining('gone') })
  })
})

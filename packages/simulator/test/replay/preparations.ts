// What was done outside the recorded traffic, and the states from which flows start: by hand, in another shell, by
// other machines.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Host } from './host.ts'
import type { Images } from './images.ts'
import type { Translation } from './translate.ts'

export type Stage = { readonly host: Host; readonly images: Images; readonly translation: Translation }

export type Preparation = {
  /** The exchange that follows it. */
  readonly before: number
  readonly why: string
  readonly prepare: (stage: Stage) => Promise<unknown>
}

/** Makes a call that was not recorded, and maps its task to the recorded id. */
const unrecorded =
  (upid: string, method: string, path: string, form?: Readonly<Record<string, string>>) =>
  async ({ host, translation }: Stage) => {
    translation.learn(upid, String(await host.call(method, path, form)))
  }

const create = (upid: string, form: Readonly<Record<string, string>>) =>
  unrecorded(upid, 'POST', '/nodes/pve/qemu', form)

const withDisk = { scsi0: 'local:0,import-from=local:import/x.qcow2' }

const uploadRace =
  (upid: string) =>
  async ({ host, images, translation }: Stage) => {
    translation.learn(upid, await host.upload('import', 'race.qcow2', images.files.get('race.qcow2')))
  }

const preparations: readonly Preparation[] = [
  {
    before: 658,
    why: 'the status daemon looked while machine 203 was being cloned',
    prepare: async ({ host }) => host.observeStatus(100),
  },
  {
    before: 740,
    why: 'the status daemon looked',
    prepare: async ({ host }) => host.observeStatus(0),
  },
  {
    before: 625,
    why: 'somebody set a lock with qm',
    prepare: ({ host }) => host.callAsRoot('PUT', '/nodes/pve/qemu/100/config', { lock: 'backup' }),
  },
  {
    before: 640,
    why: 'somebody removed the lock with qm unlock',
    prepare: ({ host }) => host.callAsRoot('PUT', '/nodes/pve/qemu/100/config', { delete: 'lock', skiplock: '1' }),
  },
  {
    before: 640,
    why: 'an image lay on the node',
    prepare: async ({ host, images }) => {
      const path = join(host.folder, 'nodes/pve/opt/pve-real/img/x.qcow2')
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, images.files.get('x.qcow2') ?? '')
    },
  },
  {
    before: 643,
    why: 'the recording went on when the creation had ended',
    prepare: ({ host }) => host.untilIdle('pve'),
  },
  {
    before: 916,
    why: 'the deletion whose worker failed was repeated',
    prepare: ({ host }) => host.call('DELETE', '/nodes/pve/qemu/352'),
  },
  {
    before: 980,
    why: 'another process held the lock files',
    prepare: async ({ host }) => host.holdLocks('pve', [310, 370]),
  },
  {
    before: 996,
    why: 'the other process ended, and the machines of the flow were deleted',
    prepare: async ({ host }) => {
      host.releaseLocks()
      const machines = (await host.call('GET', '/nodes/pve/qemu')) as { vmid: number }[]
      for (const { vmid } of machines) if (vmid !== 311) await host.call('DELETE', `/nodes/pve/qemu/${vmid}`)
    },
  },
  {
    before: 999,
    why: 'machine 400 was created unrecorded',
    prepare: create('UPID:pve:00000A8A:00033A59:6B052D0C:qmcreate:400:root@pam!ci:', {
      vmid: '400',
      memory: '64',
      kvm: '0',
    }),
  },
  {
    before: 1010,
    why: 'three creations lost their workers and left machines behind',
    prepare: async ({ host }) => host.leaveOrphans('pve', [505, 584, 759]),
  },
  {
    before: 1013,
    why: 'the orphans were removed with a root ticket, after the token had failed to',
    prepare: async ({ host }) => {
      await host.call('DELETE', '/nodes/pve/qemu/759')
      for (const vmid of [505, 584, 759]) await host.callAsRoot('DELETE', `/nodes/pve/qemu/${vmid}?skiplock=1`)
    },
  },
  {
    before: 1024,
    why: 'experiments with raw sockets had left files behind',
    prepare: async ({ host }) => {
      const sizes = { 'em.iso': 0, 'split.iso': 47, 'split2.iso': 344, 'zq.iso': 3 }
      const folder = join(host.folder, 'nodes/pve/var/lib/vz/template/iso')
      for (const [name, size] of Object.entries(sizes)) writeFileSync(join(folder, name), Buffer.alloc(size))
    },
  },
  {
    before: 1052,
    why: 'machine 603 was being created',
    prepare: async ({ host, translation }) => {
      const upid = await host.begin('POST', '/nodes/pve/qemu', { vmid: '603' })
      translation.learn('UPID:pve:00003B0F:00037A1F:6B052DAF:qmcreate:603:root@pam!ci:', upid)
    },
  },
  {
    before: 1114,
    why: 'machine 640 was created unrecorded',
    prepare: create('UPID:pve:00003D2E:00037D10:6B052DB6:qmcreate:640:root@pam!ci:', { vmid: '640', ...withDisk }),
  },
  {
    before: 1133,
    why: 'machine 650 was created unrecorded',
    prepare: create('UPID:pve:00003DEF:00037E0C:6B052DB9:qmcreate:650:root@pam!ci:', { vmid: '650', ...withDisk }),
  },
  { before: 1222, why: 'the image has a guest agent inside', prepare: async ({ host }) => host.setGuests(true) },
  {
    before: 1251,
    why: 'nothing on the recording host started the machine again after its reboot',
    prepare: ({ host }) => host.call('POST', '/nodes/pve/qemu/800/status/stop'),
  },
  { before: 1264, why: 'machines without that image have none', prepare: async ({ host }) => host.setGuests(false) },
  {
    before: 1269,
    why: 'machine 711 was created unrecorded',
    prepare: create('UPID:pve:000057FD:00047CD8:6B053045:qmcreate:711:root@pam!ci:', {
      vmid: '711',
      memory: '64',
    }),
  },
  {
    before: 1283,
    why: 'the import that outlived its request came to its end',
    prepare: async ({ host }) => host.untilConfigured('/nodes/pve/qemu/711/config', 'scsi5'),
  },
  {
    before: 1315,
    why: 'the recording went on when the template was made',
    prepare: ({ host }) => host.untilIdle('pve2'),
  },
  {
    before: 1331,
    why: "the second node's pveproxy was stopped",
    prepare: async ({ host }) => host.setNode('pve2', 'refusing'),
  },
  { before: 1334, why: 'the second node was switched off', prepare: async ({ host }) => host.setNode('pve2', 'off') },
  { before: 1337, why: 'the status daemon looked', prepare: async ({ host }) => host.observeStatus(0) },
  { before: 1342, why: 'the first node lost its quorum', prepare: async ({ host }) => host.setQuorum(false) },
  { before: 1352, why: 'the cluster was whole again', prepare: async ({ host }) => host.setQuorum(true) },
  { before: 1352, why: 'the image has a guest agent inside', prepare: async ({ host }) => host.setGuests(true) },
  { before: 1375, why: 'a creation lost its worker', prepare: async ({ host }) => host.leaveOrphans('pve', [980]) },
  {
    before: 1381,
    why: 'the storage was made slow enough for imports to be interrupted',
    prepare: ({ host }) => host.call('PUT', '/storage/local', { bwlimit: 'clone=40000,default=40000' }),
  },
  { before: 1384, why: 'the import was under way', prepare: ({ host }) => host.untilLogged('qmcreate', 'transferred') },
  { before: 1394, why: 'the import was under way', prepare: ({ host }) => host.untilLogged('qmcreate', 'transferred') },
  { before: 1381, why: 'an upload', prepare: uploadRace('UPID:pve:00006B29:00057297:6B0532BA:imgcopy::root@pam!ci:') },
  { before: 1389, why: 'an upload', prepare: uploadRace('UPID:pve:00006B5B:00057615:6B0532C3:imgcopy::root@pam!ci:') },
  {
    before: 1398,
    why: 'machine 981 was deleted unrecorded',
    prepare: unrecorded(
      'UPID:pve:00006B7A:00057718:6B0532C6:qmdestroy:981:root@pam!ci:',
      'DELETE',
      '/nodes/pve/qemu/981',
    ),
  },
]

/** Does everything that was done before this exchange. */
export async function prepareFor(index: number, stage: Stage): Promise<void> {
  for (const { before, why, prepare } of preparations) {
    if (before !== index) continue
    try {
      await prepare(stage)
    } catch (error) {
      process.stderr.write(`before exchange ${index} (${why}): ${String(error)}\n`)
    }
  }
}

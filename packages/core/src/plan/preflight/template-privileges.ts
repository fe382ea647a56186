// Lists the privileges that a new template needs, whether it is imported or built.
import { withBases } from '../../manifest/built-images.ts'
import { buildConfig } from '../build/build-config.ts'
import { buildMachine } from '../build/build-machine.ts'
import { cloneConfig, templatePool } from '../config/template-config.ts'
import type { StepOf } from '../step.ts'
import { configPrivileges } from './config-privileges.ts'
import { agentPrivileges, diskStorageNeeds, guestPlace, type Need, newGuestPlace, storeNeeds } from './need.ts'
import type { Subject } from './subject.ts'

export function templateNeeds({ image, at }: StepOf<'template'>, { desired }: Subject): readonly Need[] {
  const place = newGuestPlace(templatePool(image, desired))
  const why = `make the template of ${image}`
  const privileges = [
    'VM.Allocate',
    'VM.Audit',
    'VM.Config.Disk',
    'VM.Config.CPU',
    'VM.Config.Memory',
    'VM.Config.HWType',
    'VM.Config.Options',
  ]
  const users = desired.machines.filter((machine) => withBases(machine.image, desired.images).includes(image))
  const images = new Set(users.map(({ storage }) => storage.images))
  return [
    ...privileges.map((privilege): Need => ({ ...place, privileges: [privilege], why })),
    ...diskStorageNeeds(at.storage, why),
    ...[...images].map(
      (storage): Need => ({
        paths: [`/storage/${storage}`],
        privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'],
        why,
      }),
    ),
  ]
}

/** A build clones, configures and starts a guest, reads files in it, shuts it down and converts it. */
export function buildNeeds(step: StepOf<'build'>, known: Subject): readonly Need[] {
  const { desired, machines, facts, steps } = known
  const [like, image] = [machines.get(step.like), desired.images.get(step.image)]
  if (like === undefined || image?.kind !== 'built') return []
  const place = newGuestPlace(templatePool(step.image, desired))
  const why = `build the image ${step.image}`
  const machine = buildMachine(like, step, image.build)
  const marker = { project: desired.project, name: '', kind: 'template', image: '', base: '', spec: '' } as const
  const current = cloneConfig(step.at.storage)
  const update = buildConfig(machine, current, { marker, cd: `${step.cdAt.storage}:iso/build.iso` })
  const changes = { ...Object.fromEntries(update.remove.map((key) => [key, ''])), ...update.set }
  const source = steps.find(({ id }) => id === step.templateFrom)?.known?.guest
  const guest = source && known.guests.get(source.vmid)
  const cloned = source
    ? guestPlace({ vmid: source.vmid, ...guest }, facts)
    : newGuestPlace(templatePool(step.from, desired))
  const asked = ['VM.Allocate', 'VM.Audit', 'VM.Config.Disk', 'VM.PowerMgmt'] as const
  return [
    { ...cloned, privileges: ['VM.Clone'], why: `clone the template of ${step.from}` },
    ...asked.map((privilege): Need => ({ ...place, privileges: [privilege], why })),
    ...configPrivileges(changes, { machine, current }).map(
      (one): Need => ({ ...(one.path === undefined ? place : { paths: [one.path] }), privileges: one.privileges, why }),
    ),
    {
      ...place,
      privileges: agentPrivileges(facts, 'VM.GuestAgent.FileRead'),
      why: `read the result of the build of ${step.image}`,
    },
    ...diskStorageNeeds(step.at.storage, why),
    ...storeNeeds(step.cdAt.storage, `store the recipe of ${step.image}`),
  ]
}

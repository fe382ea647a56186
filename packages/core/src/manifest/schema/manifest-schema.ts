// The schema of the manifest: the only source of its types, its validation and the published JSON Schema.
import * as z from 'zod/mini'
import { imageSchema } from './image.ts'
import { defaultsSchema, machineSchema, profileSchema } from './machine.ts'
import { described, dnsName, key, say, text, vmid, whole } from './values.ts'

/**
 * A mapping whose keys must match `name`. Keys are not checked with `record`'s key type, because then an invalid key
 * would hide all problems of its value.
 */
function named<Value extends z.ZodMiniType>(name: ReturnType<typeof text>, value: Value) {
  return described(
    z.record(z.string(), value).check(({ value: record, issues }) => {
      for (const key of Object.keys(record)) {
        const reason = name.safeParse(key).error?.issues[0]?.message
        if (reason !== undefined)
          issues.push({ code: 'custom', path: [key], input: key, message: reason, params: { isName: true } })
      }
    }),
    {
      // Worked out only for a JSON Schema, which most runs do not need.
      get propertyNames() {
        return formOf(name)
      },
    },
  )
}

/** Returns the JSON Schema of a name, without the keys of a complete document. */
function formOf(name: ReturnType<typeof text>): Record<string, unknown> {
  const { $schema: _, ...form } = z.toJSONSchema(name) as Record<string, unknown>
  return form
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/
const NAME_WANTED = 'must be letters, digits, "_", "-" and ".", at most 64'
const plainName = text(NAME, NAME_WANTED)
const variable = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))], {
  error: 'must be a string, a number, `true`, `false` or a list of them',
})

const PROJECT = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/
const PROJECT_WANTED = 'must be lower-case letters, digits and hyphens, at most 40'
/** `My_Project` → `my-project` */
function projectWanted({ input }: { readonly input?: unknown }): string {
  const meant = String(input)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return PROJECT.test(meant) ? `${PROJECT_WANTED}: did you mean \`${meant}\`?` : PROJECT_WANTED
}

const width = whole(1, 64)

/** The schema of the whole manifest. */
export const manifestSchema = described(
  z.strictObject({
    project: described(z.string({ error: say(PROJECT_WANTED) }).check(z.regex(PROJECT, { error: projectWanted })), {
      errorMessage: PROJECT_WANTED,
      description: 'Name of the project. Only VMs that carry this name are ever changed or removed.',
    }),
    vars: key(z.record(z.string(), variable), {
      description:
        'Values for "${var:NAME}". `--var NAME=VALUE` overrides them. An entry without a value must be given that way.',
    }),
    images: described(named(plainName, imageSchema), { description: 'Images by name.' }),
    vmids: described(
      z._default(
        z
          .strictObject({
            from: described(vmid, { description: 'Lowest VM ID.' }),
            to: described(vmid, { description: 'Highest VM ID.' }),
          })
          .check(z.refine(({ from, to }) => from <= to, { message: '"from" must not be above "to"' })),
        { from: 20000, to: 29999 },
      ),
      { description: 'Range of VM IDs to use.' },
    ),
    defaults: key(defaultsSchema, { description: 'Settings for all VMs, unless a VM overrides them.' }),
    profiles: key(named(plainName, profileSchema), {
      description: 'Named sets of keys, for VMs with `profile: NAME`.',
    }),
    vms: described(named(dnsName, machineSchema), { description: 'VMs by name.' }),
    limits: described(
      z.prefault(
        z.strictObject({
          perStorage: key(width, {
            description:
              'Clones and imports on one storage. Default: depends on its type, and grows while no lock times out.',
          }),
          perNode: key(width, {
            description: 'Tasks on one node. Default: 10 at first; grows while no lock times out.',
          }),
          perTemplate: described(z._default(width, 10), { description: 'Clones of one template.' }),
          downloads: described(z._default(width, 6), { description: 'Image downloads.' }),
          perHost: described(z._default(width, 6), { description: 'Connections to one vendor host.' }),
          connectionsPerImage: described(z._default(width, 4), { description: 'Connections for one large image.' }),
          conversions: described(z._default(width, 2), { description: 'Conversions on your computer.' }),
          uploads: described(z._default(width, 3), { description: 'Uploads of images to Proxmox.' }),
        }),
        {},
      ),
      { description: 'How many operations run at the same time.' },
    ),
  }),
  { title: 'pve-provision manifest', description: 'VMs on Proxmox VE from cloud images.' },
)

export type ManifestDocument = z.output<typeof manifestSchema>
export type ImageDocument = ManifestDocument['images'][string]
export type MachineDocument = ManifestDocument['vms'][string]
export type DefaultsDocument = NonNullable<ManifestDocument['defaults']>
export type ProfileDocument = NonNullable<ManifestDocument['profiles']>[string]

let shape: Record<string, unknown> | undefined

/** Returns the manifest as a JSON Schema, as the program checks it after parameters are filled in. */
export function manifestShape(): Record<string, unknown> {
  shape ??= z.toJSONSchema(manifestSchema, { io: 'input' }) as Record<string, unknown>
  return shape
}

// The schema of the manifest: the only source of its types, its validation and the published JSON Schema.
import { z } from 'zod'
import { imageSchema } from './image.ts'
import { defaultsSchema, machineSchema, profileSchema } from './machine.ts'
import { dnsName, say, text, vmid, whole } from './values.ts'

/**
 * A mapping whose keys must match `name`. Keys are not checked with `record`'s key type, because then an invalid key
 * would hide all problems of its value.
 */
function named<Value extends z.ZodType>(name: ReturnType<typeof text>, value: Value) {
  return z
    .record(z.string(), value)
    .check(({ value: record, issues }) => {
      for (const key of Object.keys(record)) {
        const reason = name.safeParse(key).error?.issues[0]?.message
        if (reason !== undefined)
          issues.push({ code: 'custom', path: [key], input: key, message: reason, params: { isName: true } })
      }
    })
    .meta({
      // Worked out only for a JSON Schema, which most runs do not need.
      get propertyNames() {
        return formOf(name)
      },
    })
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
export const manifestSchema = z
  .strictObject({
    project: z
      .string({ error: say(PROJECT_WANTED) })
      .regex(PROJECT, { error: projectWanted })
      .meta({
        errorMessage: PROJECT_WANTED,
        description: 'Name of the project. Only VMs that carry this name are ever changed or removed.',
      }),
    vars: z.record(z.string(), variable).optional().meta({
      description:
        'Values for "${var:NAME}". `--var NAME=VALUE` overrides them. An entry without a value must be given that way.',
    }),
    images: named(plainName, imageSchema).meta({ description: 'Images by name.' }),
    vmids: z
      .strictObject({
        from: vmid.meta({ description: 'Lowest VM ID.' }),
        to: vmid.meta({ description: 'Highest VM ID.' }),
      })
      .refine(({ from, to }) => from <= to, { message: '"from" must not be above "to"' })
      .default({ from: 20000, to: 29999 })
      .meta({ description: 'Range of VM IDs to use.' }),
    defaults: defaultsSchema.optional().meta({ description: 'Settings for all VMs, unless a VM overrides them.' }),
    profiles: named(plainName, profileSchema)
      .optional()
      .meta({ description: 'Named sets of keys, for VMs with `profile: NAME`.' }),
    vms: named(dnsName, machineSchema).meta({ description: 'VMs by name.' }),
    limits: z
      .strictObject({
        perStorage: width.optional().meta({
          description:
            'Clones and imports on one storage. Default: depends on its type, and grows while no lock times out.',
        }),
        perNode: width.optional().meta({
          description: 'Tasks on one node. Default: 10 at first; grows while no lock times out.',
        }),
        perTemplate: width.default(10).meta({ description: 'Clones of one template.' }),
        downloads: width.default(6).meta({ description: 'Image downloads.' }),
        perHost: width.default(6).meta({ description: 'Connections to one vendor host.' }),
        connectionsPerImage: width.default(4).meta({ description: 'Connections for one large image.' }),
        conversions: width.default(2).meta({ description: 'Conversions on your computer.' }),
        uploads: width.default(3).meta({ description: 'Uploads of images to Proxmox.' }),
      })
      .prefault({})
      .meta({ description: 'How many operations run at the same time.' }),
  })
  .meta({ title: 'pve-provision manifest', description: 'VMs on Proxmox VE from cloud images.' })

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

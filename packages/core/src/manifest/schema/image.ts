// The schema of images: their source, how they are verified, and what is built on top of them.
import { z } from 'zod'
import {
  anyText,
  digest,
  digestProblem,
  duration,
  filePath,
  flag,
  imageUrl,
  oneOf,
  size,
  tag,
  text,
  vmid,
  volumeId,
  webUrl,
} from './values.ts'

const CHECKSUM_WANTED = 'must be "sha256:…", "sha512:…" or the address of a checksum document'

const signature = z.strictObject({
  url: webUrl
    .optional()
    .meta({ description: 'Detached signature of the checksum document. Leave it out if the document is clearsigned.' }),
  keys: z.array(anyText()).min(1).meta({
    description: 'ASCII-armoured OpenPGP public keys, or paths of files with such keys, relative to the manifest.',
  }),
})

const fill = flag().optional().meta({
  description:
    'Replace "${env:NAME}", "${secret:NAME}" and "${var:NAME}". Default: the text is used unchanged. Filled-in values, secrets too, become part of the image.',
})

/** A text in the manifest, or in a file next to it. */
const content = z
  .union([z.string(), z.strictObject({ file: filePath, fill }), z.strictObject({ text: z.string(), fill })], {
    error: 'must be a string, { file: PATH } or { text: TEXT, fill: true }',
  })
  .meta({ description: 'The text, { file: PATH } relative to the manifest, or { text: TEXT }.' })

/** A text of a recipe as the manifest gives it. */
export type ContentDocument = z.infer<typeof content>

const build = z.strictObject({
  packages: z
    .array(text(/^[a-zA-Z0-9][a-zA-Z0-9+._:=~-]*$/, 'must be the name of a package'))
    .optional()
    .meta({
      description: 'Packages to install with the package manager of the image. The guest agent is always installed.',
    }),
  run: z.array(anyText('must be a command')).optional().meta({
    description:
      'Commands, each run by a shell as root, in this order. The build stops at the first command that fails.',
  }),
  files: z
    .array(
      z.strictObject({
        path: text(/^\/.+/, 'must be an absolute path in the guest').meta({
          description: 'Path in the guest.',
        }),
        content: content.meta({ description: 'Content.' }),
        mode: text(/^0?[0-7]{3,4}$/, 'must be a file mode in quotes, such as "0644"')
          .optional()
          .meta({ description: 'File mode. Default: "0644".' }),
        owner: anyText().optional().meta({ description: 'Owner, such as "root:root".' }),
      }),
    )
    .optional()
    .meta({ description: 'Files to write before the commands run.' }),
  userData: content.optional().meta({
    description: 'Your own cloud-init document for the build. The other keys are added to it.',
  }),
  networkConfig: content.optional().meta({
    description:
      'A network-config document for the build, such as a static address. Default: DHCP. Machines do not get it.',
  }),
  disk: size('GiB').optional().meta({ description: "Disk size of the built image. Default: the base image's." }),
  timeout: duration.optional().meta({ description: 'Time limit of the build. Default: "30 min".' }),
})

const template = z
  .union([vmid, anyText(), z.strictObject({ tag })], {
    error: 'must be the id or the name of a template, or { tag: TAG }',
  })
  .meta({ description: 'An existing template: VM ID, name, or { tag: TAG }. It is cloned and never changed.' })

/** An image has exactly one of these keys. */
export const SOURCE_KEYS = ['url', 'file', 'template', 'volume', 'from', 'unknown'] as const

const fields = {
  url: imageUrl.optional().meta({ description: 'Where the vendor publishes the image.' }),
  file: filePath.optional().meta({ description: 'An image file on your computer, relative to the manifest.' }),
  template: template.optional(),
  volume: volumeId.optional().meta({ description: 'An existing volume, such as "local:import/debian.qcow2".' }),
  from: anyText('must be the name of an image').optional().meta({
    description: 'The entry of `images` that `build` starts from.',
  }),
  unknown: z.literal(true, { error: 'must be `true`, or absent' }).optional().meta({
    description: 'The source is unknown: existing machines are kept, and no new machine can be created from it.',
    errorMessage: 'must be `true`, or absent',
  }),
  build: build.optional().meta({
    description: 'Changes to the image of `from`: it is booted once, and the result becomes this image.',
  }),
  member: anyText('must be the name of a file in the archive').optional().meta({
    description: 'The disk image inside an archive. Needed only if the archive has several.',
  }),
  fileName: anyText('must be a file name').optional().meta({
    description: "The image's name in the checksum document. Default: the last part of its address.",
  }),
  mirrors: z.array(webUrl).default([]).meta({ description: 'More addresses of the same image, tried in order.' }),
  checksum: z
    .union([digest, webUrl], { error: ({ input }) => digestProblem(input) ?? CHECKSUM_WANTED })
    .optional()
    .meta({
      description:
        'A pinned digest, or the address of a checksum document that lists the image. If the vendor publishes none, leave it out and run `pve-provision pin`: it downloads and hashes the image, and apply uses exactly these bytes.',
      errorMessage: CHECKSUM_WANTED,
    }),
  insecure: flag().optional().meta({
    description:
      'Allow an unsigned checksum document over plain http, where anyone on the network can change it, and so the image.',
  }),
  signature: signature.optional().meta({ description: 'Require an OpenPGP signature over the checksum document.' }),
  format: oneOf(['qcow2', 'raw']).optional().meta({
    description: 'Format on the storage. Default: the format that the vendor publishes.',
  }),
  convert: oneOf(['auto', 'runner', 'proxmox']).default('auto').meta({
    description:
      'Where an image is converted if its format differs. "auto": by Proxmox during the import, and on your computer only if Proxmox cannot read the format.',
  }),
  route: oneOf(['auto', 'pull', 'push', 'local']).default('auto').meta({
    description:
      'How the image reaches the storage: Proxmox downloads it (pull), your computer sends it (push), or writes it into the directory of the storage (local).',
  }),
}

/** An image. Which keys can be combined is checked during the expansion. */
export const imageSchema = z.strictObject(fields).meta({ description: 'An image.' })

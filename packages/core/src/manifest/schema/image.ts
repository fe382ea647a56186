// The schema of images: their source, how they are verified, and what is built on top of them.
import * as z from 'zod/mini'
import {
  anyText,
  described,
  digest,
  digestProblem,
  duration,
  filePath,
  flag,
  imageUrl,
  key,
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
  url: key(webUrl, {
    description: 'Detached signature of the checksum document. Leave it out if the document is clearsigned.',
  }),
  keys: described(z.array(anyText()).check(z.minLength(1)), {
    description: 'ASCII-armoured OpenPGP public keys, or paths of files with such keys, relative to the manifest.',
  }),
})

const fill = key(flag(), {
  description:
    'Replace "${env:NAME}", "${secret:NAME}" and "${var:NAME}". Default: the text is used unchanged. Filled-in values, secrets too, become part of the image.',
})

/** A text in the manifest, or in a file next to it. */
const content = described(
  z.union([z.string(), z.strictObject({ file: filePath, fill }), z.strictObject({ text: z.string(), fill })], {
    error: 'must be a string, { file: PATH } or { text: TEXT, fill: true }',
  }),
  { description: 'The text, { file: PATH } relative to the manifest, or { text: TEXT }.' },
)

/** A text of a recipe as the manifest gives it. */
export type ContentDocument = z.infer<typeof content>

const build = z.strictObject({
  packages: key(z.array(text(/^[a-zA-Z0-9][a-zA-Z0-9+._:=~-]*$/, 'must be the name of a package')), {
    description: 'Packages to install with the package manager of the image. The guest agent is always installed.',
  }),
  run: key(z.array(anyText('must be a command')), {
    description:
      'Commands, each run by a shell as root, in this order. The build stops at the first command that fails.',
  }),
  files: key(
    z.array(
      z.strictObject({
        path: described(text(/^\/.+/, 'must be an absolute path in the guest'), {
          description: 'Path in the guest.',
        }),
        content: described(content, { description: 'Content.' }),
        mode: key(text(/^0?[0-7]{3,4}$/, 'must be a file mode in quotes, such as "0644"'), {
          description: 'File mode. Default: "0644".',
        }),
        owner: key(anyText(), { description: 'Owner, such as "root:root".' }),
      }),
    ),
    { description: 'Files to write before the commands run.' },
  ),
  userData: key(content, {
    description: 'Your own cloud-init document for the build. The other keys are added to it.',
  }),
  networkConfig: key(content, {
    description:
      'A network-config document for the build, such as a static address. Default: DHCP. Machines do not get it.',
  }),
  disk: key(size('GiB'), { description: "Disk size of the built image. Default: the base image's." }),
  timeout: key(duration, { description: 'Time limit of the build. Default: "30 min".' }),
})

const template = described(
  z.union([vmid, anyText(), z.strictObject({ tag })], {
    error: 'must be the id or the name of a template, or { tag: TAG }',
  }),
  { description: 'An existing template: VM ID, name, or { tag: TAG }. It is cloned and never changed.' },
)

/** An image has exactly one of these keys. */
export const SOURCE_KEYS = ['url', 'file', 'template', 'volume', 'from', 'unknown'] as const

const fields = {
  url: key(imageUrl, { description: 'Where the vendor publishes the image.' }),
  file: key(filePath, { description: 'An image file on your computer, relative to the manifest.' }),
  template: z.optional(template),
  volume: key(volumeId, { description: 'An existing volume, such as "local:import/debian.qcow2".' }),
  from: key(anyText('must be the name of an image'), {
    description: 'The entry of `images` that `build` starts from.',
  }),
  unknown: key(z.literal(true, { error: 'must be `true`, or absent' }), {
    description: 'The source is unknown: existing machines are kept, and no new machine can be created from it.',
    errorMessage: 'must be `true`, or absent',
  }),
  build: key(build, {
    description: 'Changes to the image of `from`: it is booted once, and the result becomes this image.',
  }),
  member: key(anyText('must be the name of a file in the archive'), {
    description: 'The disk image inside an archive. Needed only if the archive has several.',
  }),
  fileName: key(anyText('must be a file name'), {
    description: "The image's name in the checksum document. Default: the last part of its address.",
  }),
  mirrors: described(z._default(z.array(webUrl), []), {
    description: 'More addresses of the same image, tried in order.',
  }),
  checksum: key(z.union([digest, webUrl], { error: ({ input }) => digestProblem(input) ?? CHECKSUM_WANTED }), {
    description:
      'A pinned digest, or the address of a checksum document that lists the image. If the vendor publishes none, leave it out and run `pve-provision pin`: it downloads and hashes the image, and apply uses exactly these bytes.',
    errorMessage: CHECKSUM_WANTED,
  }),
  insecure: key(flag(), {
    description:
      'Allow an unsigned checksum document over plain http, where anyone on the network can change it, and so the image.',
  }),
  signature: key(signature, { description: 'Require an OpenPGP signature over the checksum document.' }),
  format: key(oneOf(['qcow2', 'raw']), {
    description: 'Format on the storage. Default: the format that the vendor publishes.',
  }),
  convert: described(z._default(oneOf(['auto', 'runner', 'proxmox']), 'auto'), {
    description:
      'Where an image is converted if its format differs. "auto": by Proxmox during the import, and on your computer only if Proxmox cannot read the format.',
  }),
  route: described(z._default(oneOf(['auto', 'pull', 'push', 'local']), 'auto'), {
    description:
      'How the image reaches the storage: Proxmox downloads it (pull), your computer sends it (push), or writes it into the directory of the storage (local).',
  }),
}

/** An image. Which keys can be combined is checked during the expansion. */
export const imageSchema = described(z.strictObject(fields), { description: 'An image.' })

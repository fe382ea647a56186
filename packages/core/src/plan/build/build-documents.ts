// Writes a recipe as cloud-init documents, with scripts for what cloud-init cannot do.
//
// The guest works by itself and writes its progress below /run, where a run reads it. So a killed run, or two runs at the same
// time, do not change what happens inside. /run is empty after each boot, so nothing in it is stale.
import type { BuiltImage } from '../../manifest/manifest.ts'
import { withPart } from '../first-boot/document-parts.ts'
import type { SeedDocuments } from '../first-boot/seed-documents.ts'
import { yamlText } from '../first-boot/yaml-text.ts'
import { hash16 } from '../names.ts'
import { FOLDER, scriptsOf } from './build-scripts.ts'

export const AGENT_PACKAGE = 'qemu-guest-agent'

/** Returns the files of the ISO. They contain the recipe with its secrets. */
export function buildDocuments({ name, build }: BuiltImage, instance: string): SeedDocuments {
  const ours = `#cloud-config\n${yamlText(cloudConfigOf(build))}`
  const { userData, networkConfig } = build
  return {
    'user-data':
      userData === undefined ? ours : withPart(userData, ours, `===${hash16(JSON.stringify([userData, ours]))}===`),
    'meta-data': yamlText({ 'instance-id': instance, 'local-hostname': hostName(name) }),
    'vendor-data': '',
    ...(networkConfig !== undefined && { 'network-config': networkConfig }),
  }
}

function cloudConfigOf(build: BuiltImage['build']): Readonly<Record<string, unknown>> {
  const { packages, files } = build
  return {
    // No account, not even the image's default: machines create their own.
    users: [],
    // The first boot of each machine sets it. Where the image lacks the tools, its failure would end the build.
    locale: false,
    write_files: [
      ...Object.entries(scriptsOf(build)).map(([name, content]) => ({
        path: `${FOLDER}/${name}`,
        content,
        permissions: '0700',
      })),
      ...files.map(({ path, content, mode, owner }) => ({
        path,
        content,
        permissions: mode,
        // A package may create the account, so the file is written after the packages are installed.
        ...(owner !== undefined && { owner, ...(!/^root(:root)?$/.test(owner) && { defer: true }) }),
      })),
    ],
    // The agent comes first: without it, a failure of the rest is not reported.
    ...(packages.length > 0 && { packages: [...new Set([AGENT_PACKAGE, ...packages])] }),
    runcmd: [['sh', `${FOLDER}/main`]],
  }
}

function hostName(image: string): string {
  const label = image.toLowerCase().replace(/[^a-z0-9-]+/g, '-')
  return `build-${label}`.slice(0, 63).replace(/-+$/, '')
}

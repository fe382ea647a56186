// The main job as a person would do it, on the simulator, with real images from a mirror of ordinary speed.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { makeImages } from './make-images.ts'
import { manifestText } from './manifest.ts'
import { startMirror } from './mirror.ts'
import { writeIntoReadme } from './readme.ts'
import { runCli } from './run-cli.ts'
import { startSimulator } from './start-simulator.ts'
import { storyOf } from './story.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, '.quickstart')
const IMAGES = join(ROOT, '.cache', 'quickstart')
const MIRROR_MIB_PER_SECOND = 12

process.exitCode = await main()

async function main(): Promise<number> {
  // A new start each time: the images alone are kept, for they take half of the time.
  await rm(FOLDER, { recursive: true, force: true })
  await mkdir(FOLDER, { recursive: true })
  title('Three images, as vendors ship them')
  await makeImages(IMAGES, say)
  const mirror = await startMirror(IMAGES, MIRROR_MIB_PER_SECOND * 1024 ** 2)
  say(`served at ${mirror.url}, ${MIRROR_MIB_PER_SECOND} MiB/s a connection, with SHA256SUMS, SHA512SUMS and CHECKSUM`)
  title('A Proxmox VE of two nodes (the simulator)')
  const simulator = await startSimulator(join(FOLDER, 'simulator'))
  say(`${simulator.endpoint}, certificate ${simulator.fingerprint.slice(0, 23)}…`)
  try {
    return await act(mirror.url, { ...simulator })
  } finally {
    await simulator.stop()
    await mirror.close()
  }
}

async function act(
  mirrorUrl: string,
  access: { endpoint: string; fingerprint: string; tokenId: string; tokenSecret: string },
): Promise<number> {
  const manifest = join(FOLDER, 'pve-provision.yaml')
  await writeFile(manifest, manifestText(mirrorUrl))
  title(`The manifest (${relative(ROOT, manifest)})`)
  process.stdout.write(`${manifestText(mirrorUrl)}\n`)
  const environment = {
    PVE_ENDPOINT: access.endpoint,
    PVE_FINGERPRINT: access.fingerprint,
    PVE_TOKEN_ID: access.tokenId,
    PVE_TOKEN_SECRET: access.tokenSecret,
    PVE_PROVISION_CACHE: join(FOLDER, 'cache'),
  }
  const cli = (args: readonly string[]) => runCli(['--file', manifest], args, { root: ROOT, environment })
  title('$ pve-provision plan')
  const plan = await cli(['plan'])
  title('$ pve-provision apply')
  const first = await cli(['apply', '--auto-approve', '--json'])
  title('$ pve-provision apply, again')
  const second = await cli(['apply', '--auto-approve', '--json'])
  const story = storyOf(first.document, second.document)
  process.stdout.write(story.text)
  if (process.argv.includes('--readme') && story.fine)
    writeIntoReadme(join(ROOT, 'README.md'), story.text, MIRROR_MIB_PER_SECOND)
  return plan.exitCode === 0 && first.exitCode === 0 && second.exitCode === 0 && story.fine ? 0 : 1
}

function title(text: string): void {
  process.stdout.write(`\n${styleText('bold', text, { stream: process.stdout })}\n`)
}

function say(line: string): void {
  process.stdout.write(`  ${line}\n`)
}

// The main job as a user would do it, with the simulator and real images from a mirror of ordinary speed.
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { claimFolder, releaseFolder, writeOwn } from './claim-folder.ts'
import { makeImages } from './make-images.ts'
import { manifestText } from './manifest.ts'
import { startMirror } from './mirror.ts'
import { writeIntoReadme } from './readme.ts'
import { runCli } from './run-cli.ts'
import { type RunningSimulator, startSimulator } from './start-simulator.ts'
import { runSummaryOf } from './summary.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, '.quickstart')
const IMAGES = join(ROOT, '.cache', 'quickstart-disks')
const MIRROR_MIB_PER_SECOND = 12

process.exitCode = await main()

async function main(): Promise<number> {
  // Starts from nothing each time. Only the images are kept, because they take half of the time.
  const claimed = await claimFolder(FOLDER).catch((refused: Error) => refused)
  if (claimed instanceof Error) {
    process.stderr.write(`${claimed.message}\n`)
    return 1
  }
  if (claimed.saved !== undefined) say(`Your changes of the last run are in ${relative(ROOT, claimed.saved)}.`)
  title('Three images in the formats that vendors ship (made once, and kept in .cache/quickstart-disks)')
  await makeImages(IMAGES, say)
  const mirror = await startMirror(IMAGES, MIRROR_MIB_PER_SECOND * 1024 ** 2)
  say(`served at ${mirror.url}, ${MIRROR_MIB_PER_SECOND} MiB/s a connection, with SHA256SUMS, SHA512SUMS and CHECKSUM`)
  title('A Proxmox VE of two nodes (the simulator)')
  const simulator = await startSimulator(join(FOLDER, 'simulator'))
  say(`${simulator.endpoint}, certificate ${simulator.fingerprint.slice(0, 23)}…`)
  try {
    const exitCode = await act(mirror.url, simulator)
    if (process.argv.includes('--keep')) await keepRunning(simulator)
    return exitCode
  } finally {
    await simulator.stop()
    await mirror.close()
    await releaseFolder(FOLDER)
  }
}

/** Keeps cluster and mirror running until Ctrl-C, so that the user can look around and change the manifest. */
async function keepRunning(simulator: RunningSimulator): Promise<void> {
  const file = join(FOLDER, 'environment')
  const lines = Object.entries(environmentOf(simulator)).map(([name, value]) => `export ${name}='${value}'\n`)
  await writeFile(file, lines.join(''), { mode: 0o600 })
  title('The cluster keeps running until Ctrl-C. In another terminal, here:')
  say(`. ${relative(ROOT, file)}`)
  say('npm run --silent pve-provision -- plan --file .quickstart/pve-provision.yaml')
  if (simulator.control !== undefined)
    say(`In a browser: ${simulator.control} shows nodes, machines, tasks and requests.`)
  const listening = new AbortController()
  await Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name, { signal: listening.signal })))
  listening.abort()
}

function environmentOf({ endpoint, fingerprint, tokenId, tokenSecret }: RunningSimulator): Record<string, string> {
  return {
    PVE_ENDPOINT: endpoint,
    PVE_FINGERPRINT: fingerprint,
    PVE_TOKEN_ID: tokenId,
    PVE_TOKEN_SECRET: tokenSecret,
    PVE_PROVISION_CACHE: join(FOLDER, 'cache'),
  }
}

async function act(mirrorUrl: string, simulator: RunningSimulator): Promise<number> {
  const manifest = join(FOLDER, 'pve-provision.yaml')
  await writeOwn(FOLDER, 'pve-provision.yaml', manifestText(mirrorUrl))
  title(`The manifest (${relative(ROOT, manifest)})`)
  process.stdout.write(`${manifestText(mirrorUrl)}\n`)
  const environment = environmentOf(simulator)
  const cli = (args: readonly string[]) => runCli(['--file', manifest], args, { root: ROOT, environment })
  title('$ pve-provision plan')
  const plan = await cli(['plan'])
  title('$ pve-provision apply')
  const first = await cli(['apply', '--auto-approve', '--json'])
  title('$ pve-provision apply, again')
  const second = await cli(['apply', '--auto-approve', '--json'])
  const summary = runSummaryOf(first.document, second.document)
  process.stdout.write(summary.text)
  if (process.argv.includes('--readme') && summary.fine)
    writeIntoReadme(join(ROOT, 'README.md'), summary.text, MIRROR_MIB_PER_SECOND)
  return plan.exitCode === 0 && first.exitCode === 0 && second.exitCode === 0 && summary.fine ? 0 : 1
}

function title(text: string): void {
  process.stdout.write(`\n${styleText('bold', text, { stream: process.stdout })}\n`)
}

function say(line: string): void {
  process.stdout.write(`  ${line}\n`)
}

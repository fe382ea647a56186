// The only file that knows qemu-img's flags and words.
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Look, lookAtImage } from '../../codecs/image/look-at-image.ts'
import { refused } from '../../codecs/image/sniff.ts'
import { convertQcow2, readableLayout } from '../../codecs/qcow2/convert-qcow2.ts'
import { cutShort } from '../../codecs/qcow2/qcow2-extent.ts'
import { ProvisionError } from '../../errors.ts'
import type { ImageFormat } from '../../manifest/manifest.ts'
import { isMissingProgram } from '../exec.ts'
import type { ConvertRequest, Exec, ImageInfo, QemuImg } from '../world.ts'

/** More than any file system of a Proxmox host holds in one file; a header may claim eight exbibytes. */
const LARGEST_VIRTUAL_BYTES = 16 * 1024 ** 4

/**
 * Measured on compressed qcow2 to raw (docs/performance.md): `-W` takes 0.81 of the time without it, sixteen
 * coroutines with it 0.74. Sparse is the default and stays.
 */
const FAST = ['-m', '16', '-W'] as const

/** QEMU reads zstd clusters since 5.1, and so does every Proxmox VE since 6.3. */
const PACKED = ['-c', '-o', 'compression_type=zstd'] as const

/** Formats that `qemu-img check` can judge; of the others it says "does not support checks". */
const CHECKED: readonly ImageFormat[] = ['qcow2', 'vmdk', 'vdi', 'vhdx']

interface ImageLook extends Look {
  readonly path: string
  readonly format: ImageFormat
}

export function createQemuImg({ exec }: { readonly exec: Exec }): QemuImg {
  return {
    inspect: (path, { signal } = {}) => inspect(path, exec, signal),
    convert: (request) => convert(request, exec),
    async version() {
      const [line = ''] = (await exec('qemu-img', ['--version'])).split('\n')
      return /\d+\.\d+(?:\.\d+)?/.exec(line)?.[0] ?? line
    },
  }
}

async function inspect(path: string, exec: Exec, signal?: AbortSignal): Promise<ImageInfo> {
  // Our own reading comes first: what is refused by its header never meets a program that would follow it.
  const look = await lookAt(resolve(path))
  const doubt = look.doubt === undefined ? {} : { doubt: look.doubt }
  if (look.format === 'raw') return { format: 'raw', virtualSizeBytes: look.sizeBytes, ...doubt }
  try {
    await check(look, exec, signal)
    const { virtualSizeBytes } = await info(look, exec, signal)
    return { format: look.format, virtualSizeBytes: sane(virtualSizeBytes) }
  } catch (error) {
    // A qcow2 that is only passed on needs no program: its header is read here, its bytes were verified by digest.
    if (!isMissingProgram(error) || look.format !== 'qcow2' || look.virtualSizeBytes === undefined) throw error
    return { format: 'qcow2', virtualSizeBytes: sane(look.virtualSizeBytes) }
  }
}

async function lookAt(path: string): Promise<ImageLook> {
  const { compression, archive, format, ...look } = await lookAtImage(path)
  if (archive !== undefined) throw refused(`it is a ${archive} archive`)
  if (compression !== 'none' || format === undefined) throw refused(`it is packed with ${compression}`)
  return { ...look, compression, path, format }
}

/**
 * Neither `info` nor `convert` notices a qcow2 that is cut short (seen with 7.2); `check` does, down to its last cluster.
 * It ends with 2 for corruption and 3 for leaked clusters, which harm nobody; with 1 it failed itself, in its own words.
 */
async function check({ path, format }: ImageLook, exec: Exec, signal?: AbortSignal): Promise<void> {
  if (!CHECKED.includes(format)) return
  try {
    await exec('qemu-img', ['check', '-q', '-f', format, path], signal && { signal })
  } catch (error) {
    const exitCode = exitCodeOf(error)
    if (exitCode === 3) return
    if (exitCode === undefined) throw error
    throw cutShort(
      exitCode === 2 ? '`qemu-img check` finds clusters that are not there' : (error as Error).message,
      error,
    )
  }
}

interface Info {
  readonly 'virtual-size'?: unknown
  readonly 'backing-filename'?: unknown
  readonly encrypted?: unknown
  readonly 'format-specific'?: {
    readonly data?: { readonly 'data-file'?: unknown; readonly extents?: readonly { readonly filename?: unknown }[] }
  }
}

async function info(
  { path, format }: Pick<ImageLook, 'path' | 'format'>,
  exec: Exec,
  signal?: AbortSignal,
): Promise<{ readonly virtualSizeBytes: number }> {
  const text = await exec('qemu-img', ['info', '--output=json', '-f', format, path], signal && { signal }).catch(
    (error: unknown) => {
      throw exitCodeOf(error) === undefined ? error : cutShort('qemu-img cannot open it', error)
    },
  )
  const told = JSON.parse(text) as Info
  const data = told['format-specific']?.data
  if (told['backing-filename'] !== undefined) throw refused('it has a backing file, so its bytes are not all of it')
  if (data?.['data-file'] !== undefined) throw refused('it keeps its data in an external file')
  if (data?.extents?.some(({ filename }) => filename !== path)) throw refused('it names other files')
  if (told.encrypted === true) throw refused('it is encrypted')
  return { virtualSizeBytes: Number(told['virtual-size']) }
}

async function convert(request: ConvertRequest, exec: Exec): Promise<void> {
  const { fromFormat, toFormat, signal } = request
  const [from, to] = [resolve(request.from), resolve(request.to)]
  const source = await lookAt(from)
  if (source.format !== fromFormat) throw refused(`it is ${source.format}, not ${fromFormat}`)
  const before = sane(await sizeOf(source, exec, signal))
  try {
    await rm(to, { force: true })
    await convertByWhom({ ...request, from, to }, exec)
    await checkResult(to, { toFormat, before, exec })
  } catch (error) {
    await rm(to, { force: true })
    throw fullDisk(error, to)
  }
}

/** Packed clusters are unpacked by threads of our own; copying is done as fast by `qemu-img` (decision 16). */
async function convertByWhom(request: ConvertRequest, exec: Exec): Promise<void> {
  const { from, fromFormat, to, toFormat, signal, onPercent } = request
  const ours = fromFormat === 'qcow2' && toFormat === 'raw' ? await readableLayout(from) : undefined
  if (ours?.isPacked) return convertQcow2({ from, to, layout: ours.layout, signal, onPercent })
  try {
    const packing = request.isPacked ? PACKED : []
    await exec('qemu-img', ['convert', '-p', ...FAST, ...packing, '-f', fromFormat, '-O', toFormat, from, to], {
      ...(signal && { signal }),
      onLine: (line) => reportPercent(line, onPercent),
    })
  } catch (error) {
    if (!isMissingProgram(error) || ours === undefined) throw error
    await convertQcow2({ from, to, layout: ours.layout, signal, onPercent })
  }
}

/** The disk's size: of a qcow2 from the header, which was read and judged here; another process would take its time. */
async function sizeOf(look: ImageLook, exec: Exec, signal?: AbortSignal): Promise<number> {
  if (look.format === 'raw') return look.sizeBytes
  if (look.format === 'qcow2' && look.virtualSizeBytes !== undefined) return look.virtualSizeBytes
  return (await info(look, exec, signal)).virtualSizeBytes
}

/** What was made must be of the wanted format and as large as its source, rounded up to whole sectors. */
async function checkResult(
  to: string,
  { toFormat, before, exec }: { toFormat: 'raw' | 'qcow2'; before: number; exec: Exec },
) {
  const result = await lookAt(to)
  const after =
    toFormat === 'raw' ? result.sizeBytes : (await info({ path: to, format: toFormat }, exec)).virtualSizeBytes
  if (after < before || after - before >= 512) {
    throw new ProvisionError('CONVERT', `qemu-img made a disk of ${after} bytes out of one of ${before}.`)
  }
}

/** `    (42.17/100%)`, each ended by a carriage return. */
function reportPercent(line: string, onPercent: ((percent: number) => void) | undefined): void {
  const percent = /\((\d+(?:\.\d+)?)\/100%\)/.exec(line)?.[1]
  if (percent !== undefined) onPercent?.(Number(percent))
}

/** qemu-img ends with 1 for everything; only its words tell a full disk from other trouble. */
function fullDisk(error: unknown, path: string): unknown {
  if (!(error instanceof ProvisionError) || !String(error.details.lastWords).includes('No space left on device'))
    return error
  return new ProvisionError('DISK', `The disk is full: ${path}`, {
    cause: error,
    details: { path, systemCode: 'ENOSPC' },
    hint: 'Free some space, or point PVE_PROVISION_CACHE to a larger disk.',
  })
}

function sane(virtualSizeBytes: number): number {
  if (!Number.isSafeInteger(virtualSizeBytes) || virtualSizeBytes <= 0 || virtualSizeBytes > LARGEST_VIRTUAL_BYTES) {
    throw refused(`it claims to be a disk of ${virtualSizeBytes} bytes`)
  }
  return virtualSizeBytes
}

function exitCodeOf(error: unknown): number | undefined {
  const exitCode = error instanceof ProvisionError ? error.details.exitCode : undefined
  return typeof exitCode === 'number' ? exitCode : undefined
}

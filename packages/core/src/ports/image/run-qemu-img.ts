// Runs qemu-img. Only this file knows its flags and messages. `qemu-img.ts` loads it.
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Look, lookAtImage } from '../../codecs/image/look-at-image.ts'
import { refused } from '../../codecs/image/sniff.ts'
import { convertQcow2, readableLayout } from '../../codecs/qcow2/convert-qcow2.ts'
import { cutShort } from '../../codecs/qcow2/qcow2-extent.ts'
import { ProvisionError } from '../../errors.ts'
import type { ImageFormat } from '../../manifest/manifest.ts'
import { isMissingProgram } from '../exec.ts'
import type { ConvertRequest, Exec, ImageInfo } from '../world.ts'

/** More than any file system of a Proxmox host can store in one file. A header may claim eight exbibytes. */
const LARGEST_VIRTUAL_BYTES = 16 * 1024 ** 4

/**
 * Measured with compressed qcow2 to raw (docs/performance.md): `-W` takes 0.81 of the time without it, and with sixteen
 * coroutines 0.74. Sparse output is the default and stays on.
 */
const FAST = ['-m', '16', '-W'] as const

/** QEMU reads zstd clusters since 5.1, which every Proxmox VE since 6.3 includes. */
const PACKED = ['-c', '-o', 'compression_type=zstd'] as const

/** Formats that `qemu-img check` supports. For others it prints "does not support checks". */
const CHECKED: readonly ImageFormat[] = ['qcow2', 'vmdk', 'vdi', 'vhdx']

interface ImageLook extends Look {
  readonly path: string
  readonly format: ImageFormat
}

export async function inspect(path: string, exec: Exec, signal?: AbortSignal): Promise<ImageInfo> {
  // Our own check runs first, so that qemu-img never opens a file whose header points to other files.
  const look = await lookAt(resolve(path))
  const doubt = look.doubt === undefined ? {} : { doubt: look.doubt }
  if (look.format === 'raw') return { format: 'raw', virtualSizeBytes: look.sizeBytes, ...doubt }
  try {
    await check(look, exec, signal)
    const { virtualSizeBytes } = await info(look, exec, signal)
    return { format: look.format, virtualSizeBytes: sane(virtualSizeBytes) }
  } catch (error) {
    // A qcow2 that is only passed on does not need qemu-img: its header is parsed here, and its digest was verified.
    if (!isMissingProgram(error) || look.format !== 'qcow2' || look.virtualSizeBytes === undefined) throw error
    return { format: 'qcow2', virtualSizeBytes: sane(look.virtualSizeBytes) }
  }
}

async function lookAt(path: string): Promise<ImageLook> {
  const { compression, archive, format, ...look } = await lookAtImage(path)
  if (archive !== undefined) throw refused(`it is a ${archive} archive`)
  if (compression !== 'none' || format === undefined) throw refused(`it is compressed with ${compression}`)
  return { ...look, compression, path, format }
}

/**
 * Detects a truncated qcow2 down to its last cluster. `info` and `convert` do not notice it (seen with 7.2). `check`
 * exits with 2 for corruption and 3 for leaked clusters, which are harmless. Exit code 1 means that the check itself
 * failed.
 */
async function check({ path, format }: ImageLook, exec: Exec, signal?: AbortSignal): Promise<void> {
  if (!CHECKED.includes(format)) return
  try {
    await exec('qemu-img', ['check', '-q', '-f', format, path], signal && { signal })
  } catch (error) {
    const exitCode = exitCodeOf(error)
    if (exitCode === 3) return
    if (exitCode === undefined) throw error
    throw cutShort(exitCode === 2 ? '`qemu-img check` reports missing clusters' : (error as Error).message, error)
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
  if (told['backing-filename'] !== undefined) throw refused('it has a backing file, so the file alone is incomplete')
  if (data?.['data-file'] !== undefined) throw refused('its data is in an external file')
  if (data?.extents?.some(({ filename }) => filename !== path)) throw refused('it names other files')
  if (told.encrypted === true) throw refused('it is encrypted')
  return { virtualSizeBytes: Number(told['virtual-size']) }
}

export async function convert(request: ConvertRequest, exec: Exec): Promise<void> {
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

export async function version(exec: Exec): Promise<string> {
  const [line = ''] = (await exec('qemu-img', ['--version'])).split('\n')
  return /\d+\.\d+(?:\.\d+)?/.exec(line)?.[0] ?? line
}

/** Compressed clusters are unpacked by our own threads. For plain copying, `qemu-img` is as fast (decision 16). */
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

/** Returns the size of the disk. For qcow2 it comes from the header that was already checked, which saves a process. */
async function sizeOf(look: ImageLook, exec: Exec, signal?: AbortSignal): Promise<number> {
  if (look.format === 'raw') return look.sizeBytes
  if (look.format === 'qcow2' && look.virtualSizeBytes !== undefined) return look.virtualSizeBytes
  return (await info(look, exec, signal)).virtualSizeBytes
}

/** Checks that the result has the wanted format and the size of its source, rounded up to whole sectors. */
async function checkResult(
  to: string,
  { toFormat, before, exec }: { toFormat: 'raw' | 'qcow2'; before: number; exec: Exec },
) {
  const result = await lookAt(to)
  const after =
    toFormat === 'raw' ? result.sizeBytes : (await info({ path: to, format: toFormat }, exec)).virtualSizeBytes
  if (after < before || after - before >= 512) {
    throw new ProvisionError('CONVERT', `qemu-img wrote a disk of ${after} bytes from one of ${before} bytes.`)
  }
}

/** Parses `    (42.17/100%)`. Each such line ends with a carriage return. */
function reportPercent(line: string, onPercent: ((percent: number) => void) | undefined): void {
  const percent = /\((\d+(?:\.\d+)?)\/100%\)/.exec(line)?.[1]
  if (percent !== undefined) onPercent?.(Number(percent))
}

/** qemu-img exits with 1 for all errors. Only its message shows that the disk is full. */
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

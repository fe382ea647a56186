// Runs the real qemu-img and reads its progress. Only this file knows its arguments.
import { execa } from 'execa'

export interface ImageInfo {
  readonly format: string
  /** The size that the guest sees, in bytes. */
  readonly virtualSize: number
  /** Bytes on disk. */
  readonly actualSize: number
  readonly backingFile?: string
}

/** The first line of qemu-img's error. The caller must replace the real paths. */
export class QemuImgError extends Error {
  readonly exitCode: number | undefined
  readonly problem: string

  constructor(problem: string, exitCode: number | undefined) {
    super(problem)
    this.name = 'QemuImgError'
    this.problem = problem
    this.exitCode = exitCode
  }
}

const notInstalled = 'qemu-img is not installed (Debian: apt install qemu-utils)'

/** Returns a sentence if qemu-img is not installed, else undefined. */
export async function qemuImgMissing(): Promise<string | undefined> {
  const { code } = await execa('qemu-img', ['--version'], { reject: false })
  return code === 'ENOENT' ? notInstalled : undefined
}

interface RunOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (percent: number) => void
}

async function run(args: readonly string[], { signal, onProgress }: RunOptions = {}): Promise<string> {
  const child = execa('qemu-img', args, {
    reject: false,
    ...(signal && { cancelSignal: signal }),
    stripFinalNewline: true,
  })
  if (onProgress !== undefined) {
    child.stdout.on('data', (chunk: Buffer) => {
      for (const match of chunk.toString('latin1').matchAll(/\((\d+\.\d+)\/100%\)/g)) onProgress(Number(match[1]))
    })
  }
  const result = await child
  if (result.code === 'ENOENT') throw new QemuImgError(notInstalled, undefined)
  if (result.isCanceled) throw new QemuImgError('received interrupt', undefined)
  if (result.failed) throw new QemuImgError(result.stderr || result.shortMessage || 'qemu-img failed', result.exitCode)
  return result.stdout
}

/**
 * Reads the format and size. @throws QemuImgError if the file does not have the format `format` (detected if not
 * given).
 */
export async function imageInfo(file: string, format?: string): Promise<ImageInfo> {
  const text = await run(['info', '-U', '--output=json', ...(format === undefined ? [] : ['-f', format]), file])
  const info = JSON.parse(text) as Record<string, unknown>
  const backing = info['backing-filename']
  return {
    format: String(info.format),
    virtualSize: Number(info['virtual-size']),
    actualSize: Number(info['actual-size'] ?? 0),
    ...(typeof backing === 'string' && { backingFile: backing }),
  }
}

export async function createImage(
  file: string,
  image: { format: string; bytes: number; preallocate: boolean },
): Promise<void> {
  const options = image.format === 'qcow2' && image.preallocate ? ['-o', 'preallocation=metadata'] : []
  await run(['create', '-q', '-f', image.format, ...options, file, String(image.bytes)])
}

/** Creates a qcow2 file on top of `backing`, whose name is relative to the new file. */
export async function createOverlay(
  file: string,
  overlay: { backing: string; backingFormat: string; options?: string },
): Promise<void> {
  const options = overlay.options === undefined ? [] : ['-o', overlay.options]
  await run(['create', '-q', '-f', 'qcow2', ...options, '-b', overlay.backing, '-F', overlay.backingFormat, file])
}

/** Copies into an existing target that is large enough and contains only zeros. */
export async function convertInto(
  target: { file: string; format: string },
  source: { file: string; format: string },
  { limitKiB, snapshot, ...options }: RunOptions & { limitKiB?: number; snapshot?: string | undefined } = {},
): Promise<void> {
  const rate = limitKiB === undefined ? [] : ['-r', `${limitKiB}K`]
  const state = snapshot === undefined ? [] : ['-l', `snapshot.name=${snapshot}`]
  const formats = ['-f', source.format, '-O', target.format]
  const args = ['convert', '-U', '-p', '-n', '--target-is-zero', ...rate, ...state, ...formats]
  await run([...args, source.file, target.file], options)
}

export async function resizeImage(file: string, image: { format: string; bytes: number }): Promise<void> {
  await run(['resize', '-q', '-f', image.format, file, String(image.bytes)])
}

export async function snapshotImage(file: string, action: 'create' | 'apply' | 'delete', name: string): Promise<void> {
  await run(['snapshot', { create: '-c', apply: '-a', delete: '-d' }[action], name, file])
}

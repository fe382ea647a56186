import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/errors.ts'
import { createExec, isMissingProgram, pipeThrough } from '../../src/ports/exec.ts'
import { collect } from '../support/collect.ts'

const exec = createExec()
const node = (script: string) => ['-e', script]
const program = process.execPath

async function failure(run: Promise<unknown>): Promise<ProvisionError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProvisionError)) throw new Error(`expected a ProvisionError, got ${String(error)}`)
  return error
}

describe('exec', () => {
  it('resolves with standard output, and passes arguments unchanged', async () => {
    expect(await exec(program, ['-p', 'process.argv[1]', '$(id); "x" *'])).toBe('$(id); "x" *')
  })

  it('reports lines of both outputs; a carriage return also ends a line, wherever chunks end', async () => {
    const lines: string[] = []
    const script = `
      process.stdout.write('  (1.00/100%)\\r  (2.0'); process.stderr.write('warn');
      setTimeout(() => { process.stdout.write('0/100%)\\r\\nlast'); process.stderr.write('ing\\n') }, 50)`
    await exec(program, node(script), { onLine: (line) => lines.push(line.trim()) })
    expect(lines.toSorted()).toEqual(['(1.00/100%)', '(2.00/100%)', 'last', 'warning'])
  })

  it('feeds standard input', async () => {
    const upper = node('process.stdin.on("data", (chunk) => process.stdout.write(String(chunk).toUpperCase()))')
    expect(await exec(program, upper, { stdin: Buffer.from('abc') })).toBe('ABC')
    expect(await exec(program, upper, { stdin: Readable.from([Buffer.from('de')], { objectMode: false }) })).toBe('DE')
  })

  it('says how to install a program that is missing', async () => {
    const error = await failure(exec('qemu-img-that-is-not-there', []))
    expect(error).toMatchObject({ code: 'CONVERT', message: 'The program qemu-img-that-is-not-there is missing.' })
    expect(error.hint).toMatch(/^Install it/)
    expect(isMissingProgram(error)).toBe(true)
  })

  it('fails with the last output of a failed program, and its exit code', async () => {
    const error = await failure(exec(program, node('console.error("one\\nno space on device"); process.exit(3)')))
    expect(error).toMatchObject({ code: 'CONVERT', details: { exitCode: 3, lastWords: ['one', 'no space on device'] } })
    expect(error.message).toMatch(/ended with 3: no space on device$/)
    expect(isMissingProgram(error)).toBe(false)
  })

  it('sets English as the language, whatever the locale of the caller', async () => {
    expect(await exec(program, ['-p', 'process.env.LC_ALL'])).toBe('C')
  })

  it('does not start a program that is already cancelled', async () => {
    expect((await failure(exec(program, [], { signal: AbortSignal.abort() }))).code).toBe('CANCELLED')
  })

  it('sends SIGTERM when cancelled, and returns when the program has ended', async () => {
    const controller = new AbortController()
    const lines: string[] = []
    const script = `
      process.on('SIGTERM', () => setTimeout(() => { console.log('cleaned up'); process.exit(0) }, 50))
      console.log('ready'); setInterval(() => {}, 1000)`
    const run = exec(program, node(script), {
      signal: controller.signal,
      onLine: (line) => {
        lines.push(line)
        if (line === 'ready') controller.abort()
      },
    })
    expect((await failure(run)).code).toBe('CANCELLED')
    expect(lines).toContain('cleaned up')
  })
})

describe('pipeThrough', () => {
  const source = (...chunks: readonly string[]) =>
    Readable.from(
      chunks.map((chunk) => Buffer.from(chunk)),
      { objectMode: false },
    )

  it('gives the output of the program for the source', async () => {
    expect(String(await collect(pipeThrough('cat', [], { source: source('a', 'b') })))).toBe('ab')
  })

  it('fails when the program fails, also when it never reads', async () => {
    const big = Readable.from(
      Array.from({ length: 200 }, () => Buffer.alloc(65536)),
      { objectMode: false },
    )
    const error = await failure(
      collect(pipeThrough(program, node('console.error("bad"); process.exit(4)'), { source: big })),
    )
    expect(error).toMatchObject({ code: 'CONVERT', details: { exitCode: 4 } })
  })

  it('fails with the error of the source', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('a')
        throw new Error('the disk is gone')
      })(),
      { objectMode: false },
    )
    await expect(collect(pipeThrough('cat', [], { source: broken }))).rejects.toThrow('the disk is gone')
  })

  it('ends the program when the reader stops', async () => {
    const endless = node(
      'const write = () => { while (process.stdout.write(Buffer.alloc(65536, 1))); process.stdout.once("drain", write) }; write()',
    )
    const stream = pipeThrough(program, endless, { source: source('') })
    // The loop waits for the end of the program. If that did not come, neither would the end of this test.
    for await (const chunk of stream) if (chunk.length > 0) break
  })

  it('stops when it is cancelled', async () => {
    const controller = new AbortController()
    const stream = pipeThrough(program, node('console.log(1); setInterval(() => {}, 1000)'), {
      source: source(''),
      signal: controller.signal,
    })
    const run = (async () => {
      for await (const _ of stream) controller.abort()
    })()
    expect((await failure(run)).code).toBe('CANCELLED')
  })
})

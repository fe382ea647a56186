// The live view in a real terminal: what remains on the screen, also after Ctrl-C.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { startSurroundings } from './support/surroundings.ts'
import { CTRL_C, runInTerminal } from './support/terminal.ts'

const { vendor, cluster } = await startSurroundings({ latency: 'laptop' })
const manifest = `project: lab
images: { fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS } }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local } }
vms: { web: {}, worker: { count: 2 } }
`
await writeFile(join(cluster.folder, 'pve-provision.yaml'), manifest)

const hasScript = async () => (await execa('sh', ['-c', 'command -v script'], { reject: false })).exitCode === 0

/** Presses one key once, as soon as the pattern appears. */
function pressOnce(key: string, when: RegExp): (written: string) => string | undefined {
  let pressed = false
  return (written) => {
    if (pressed || !when.test(written)) return undefined
    pressed = true
    return key
  }
}

describe('apply in a terminal', () => {
  it('stopped by Ctrl-C says so above the live lines, and leaves none of them behind', async () => {
    // Systems without util-linux have another `script`, or none.
    if (!(await hasScript())) return
    cluster.simulator.faults.add({ action: 'delay', method: 'GET', path: '/nodes/*/tasks/*/status', delayMs: 400 })
    const { exitCode, written, lines } = await runInTerminal(['apply', '--auto-approve'], {
      cwd: cluster.folder,
      environment: cluster.environment,
      columns: 70,
      type: pressOnce(CTRL_C, /of \d+ steps/),
    })
    cluster.simulator.faults.clear()
    expect(exitCode).toBe(130)
    expect(written.split('Stopping: ')).toHaveLength(2)
    const from = lines.findIndex((line) => line.startsWith('Stopping: '))
    expect(lines.slice(0, from).filter((line) => line.startsWith('… '))).toEqual([])
    expect(lines.filter((line) => / of \d+ steps/.test(line))).toEqual([])
    expect(lines.join('\n')).toMatch(/^- pull:fast@pve1\/local: cancelled\n[\s\S]*^Interrupted: /m)
    // The cursor is visible again.
    expect(written.lastIndexOf('\u001B[?25h')).toBeGreaterThan(written.lastIndexOf('\u001B[?25l'))
    expect(lines.every((line) => line.length <= 70 || /UPID:/.test(line))).toBe(true)
  })

  it('prints a line for each finished step, then the report', async () => {
    if (!(await hasScript())) return
    const { exitCode, lines } = await runInTerminal(['apply', '--auto-approve'], {
      cwd: cluster.folder,
      environment: cluster.environment,
      columns: 100,
      type: () => undefined,
    })
    expect(exitCode).toBe(0)
    const done = lines.filter((line) => line.startsWith('✓ '))
    expect(done.map((line) => line.split(' ')[1])).toEqual(
      expect.arrayContaining(['create:web', 'create:worker-1', 'create:worker-2']),
    )
    expect(lines.filter((line) => line.startsWith('… ') || / of \d+ steps/.test(line))).toEqual([])
    expect(lines.findIndex((line) => line.startsWith('Done: '))).toBeGreaterThan(lines.lastIndexOf(done.at(-1) ?? ''))
  })
})

describe('a rollout', () => {
  const replace = ['apply', '--auto-approve', '--replace', 'worker']

  it('in a terminal shows the stage of each machine, the batch, and how many machines are done', async () => {
    if (!(await hasScript())) return
    cluster.simulator.faults.add({ action: 'delay', method: 'GET', path: '/nodes/*/tasks/*/status', delayMs: 400 })
    const { exitCode, written } = await runInTerminal(replace, {
      cwd: cluster.folder,
      environment: cluster.environment,
      columns: 80,
      type: () => undefined,
    })
    cluster.simulator.faults.clear()
    expect(exitCode).toBe(0)
    expect(written).toMatch(/replace:worker-1 {2}cloning +/)
    expect(written).toMatch(/replace:worker-2 {2}removing the old VM +/)
    expect(written).toMatch(/ {2}worker: batch 2 of 2, 1 of 2 machines done, about \d+ s left/)
  })

  it('elsewhere has a line for each batch, and with --verbose one for each stage', async () => {
    const { exitCode, stderr } = await cluster.cli(replace)
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^worker: batch 1 of 2 \(worker-1\), 0 of 2 machines done$/m)
    expect(stderr).toMatch(/^worker: batch 2 of 2 \(worker-2\), 1 of 2 machines done, about \d+ s left$/m)
    expect(stderr).not.toContain('cloning')
    const { stderr: verbose } = await cluster.cli([...replace, '--verbose', '--batch', '2'])
    expect(verbose).toMatch(/^… replace:worker-2: cloning$/m)
    expect(verbose).not.toContain('batch 2')
  })
})

describe('apply --prune in a terminal', () => {
  const prune = (answer: string) =>
    runInTerminal(['apply', '--prune'], {
      cwd: cluster.folder,
      environment: cluster.environment,
      columns: 100,
      type: pressOnce(`${answer}\r`, /to continue:|\[y\/N\]/),
    })
  const declare = (vms: string) =>
    writeFile(join(cluster.folder, 'pve-provision.yaml'), manifest.replace(/^vms: .*$/m, `vms: ${vms}`))

  it('asks for the name of the machine that is lost, or of the project if there are several', async () => {
    if (!(await hasScript())) return
    await declare('{ web: {} }')
    const both = await prune('y')
    expect(both.written).toContain('Type lab to continue:')
    expect(both.lines).toContain('Nothing was changed.')
    await declare('{ web: {}, worker: { count: 1 } }')
    const refused = await prune('y')
    expect(refused.written).toContain('Type worker-2 to continue:')
    expect(refused.lines).toContain('Nothing was changed.')
    const removed = await prune('worker-2')
    expect(removed.exitCode).toBe(0)
    expect(removed.lines.join('\n')).toContain('1 machine removed')
  })
})

describe('destroy in a terminal', () => {
  const destroy = (answer: string, args: readonly string[] = []) =>
    runInTerminal(['destroy', ...args], {
      cwd: cluster.folder,
      environment: cluster.environment,
      columns: 100,
      type: pressOnce(`${answer}\r`, /to continue:|\[y\/N\]/),
    })

  it('of everything asks for the name of the project, and takes nothing else for a yes', async () => {
    if (!(await hasScript())) return
    const refused = await destroy('y')
    expect(refused.written).toContain('Type lab to continue:')
    expect(refused.lines).toContain('Nothing was changed.')
    const some = await destroy('y', ['--only', 'web'])
    expect(some.written).toContain('Remove these machines? This cannot be undone. [y/N]')
    expect(some.exitCode).toBe(0)
    const all = await destroy('lab')
    expect(all.exitCode).toBe(0)
    expect(all.lines.join('\n')).toContain('1 machine removed')
  })
})

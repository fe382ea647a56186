// Programs that the guest agent runs inside a guest, with the behavior of the real agent.
import type { Machine } from '../../state/machines.ts'
import type { World } from '../../world.ts'
import { bootOf, shellOf } from '../inside/boots.ts'
import { bytesOf } from '../inside/bytes.ts'
import { type Ended, isProgram, programName, runShell, runWords } from '../inside/shell.ts'

interface Process {
  /** Undefined while it runs. */
  readonly ended: () => Ended | undefined
}

const processes = new WeakMap<Machine, { readonly running: Map<number, Process>; nextPid: number }>()

function processesOf(machine: Machine) {
  const known = processes.get(machine) ?? { running: new Map<number, Process>(), nextPid: 148 }
  processes.set(machine, known)
  return known
}

/** Returns the process id, or undefined if there is no such program. */
export function runProgram(
  world: World,
  machine: Machine,
  { command, input }: { command: readonly string[]; input: string | undefined },
): number | undefined {
  const [program = '', ...args] = command.map(bytesOf)
  if (!isProgram(program)) return undefined
  const known = processesOf(machine)
  known.running.set(known.nextPid, { ended: processOf(world, machine, { program, args, input }) })
  return known.nextPid++
}

interface Started {
  readonly program: string
  readonly args: readonly string[]
  /** Bytes. */
  readonly input: string | undefined
}

/** A program that waits for cloud-init ends when cloud-init does. All others end at once. */
function processOf(world: World, machine: Machine, { program, args, input }: Started): () => Ended | undefined {
  const run = (): Ended => {
    const boot = bootOf(world, machine)
    if (boot === undefined) return { out: '', err: '', code: 1 }
    const shell = shellOf(world, machine, boot)
    if (programName(program) === 'cat' && args.length === 0) return { out: input ?? '', err: '', code: 0 }
    const isFed = /^(?:sh|bash|dash)$/.test(programName(program)) && args.every((arg) => /^(?:-|-s)$/.test(arg))
    return isFed && input !== undefined ? runShell(shell, input) : runWords(shell, [program, ...args])
  }
  const waits = /cloud-init\s+status\b.*--wait/.test([program, ...args].join(' '))
  if (!waits) {
    const ended = run()
    return () => ended
  }
  return () => (bootOf(world, machine)?.result === undefined ? undefined : run())
}

/** Returns the result of a process. It is returned only once, then removed. */
export function takeEnded(machine: Machine, pid: number): Ended | 'running' | undefined {
  const { running } = processesOf(machine)
  const process = running.get(pid)
  if (process === undefined) return undefined
  const ended = process.ended()
  if (ended === undefined) return 'running'
  running.delete(pid)
  return ended
}

// What the guest agent of a simulated guest can run and read: little, but with the real one's manners.
import type { Machine } from '../../state/machines.ts'

interface Ended {
  readonly out: string
  readonly err: string
  readonly code: number
}

interface AgentState {
  readonly ended: Map<number, Ended>
  readonly files: Map<string, string>
  nextPid: number
}

const states = new WeakMap<Machine, AgentState>()

const release = `PRETTY_NAME="Simulated guest"\nNAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="13"\n`

function stateOf(machine: Machine): AgentState {
  const state = states.get(machine) ?? {
    ended: new Map(),
    files: new Map([['/etc/os-release', release]]),
    nextPid: 148,
  }
  states.set(machine, state)
  return state
}

const programs: Readonly<Record<string, (args: readonly string[]) => Ended>> = {
  true: () => ({ out: '', err: '', code: 0 }),
  false: () => ({ out: '', err: '', code: 1 }),
  echo: (args) => ({ out: `${args.join(' ')}\n`, err: '', code: 0 }),
  ls: () => ({ out: '', err: '', code: 0 }),
  sh: (args) => shell(args[1] ?? ''),
}

/** Statements of `echo`, `echo … >&2` and `exit n`: enough to test what comes back. */
function shell(script: string): Ended {
  let out = ''
  let err = ''
  for (const statement of script.split(';').map((part) => part.trim())) {
    const exit = /^exit (\d+)$/.exec(statement)
    if (exit !== null) return { out, err, code: Number(exit[1]) }
    const echo = /^echo (.*?)(\s*>&2)?$/.exec(statement)
    if (echo?.[2] !== undefined) err += `${echo[1]}\n`
    else if (echo !== null) out += `${echo[1]}\n`
  }
  return { out, err, code: 0 }
}

/** The process id, or undefined when there is no such program. */
export function runProgram(machine: Machine, [program = '', ...args]: readonly string[]): number | undefined {
  const run = Object.hasOwn(programs, program) ? programs[program] : undefined
  if (run === undefined) return undefined
  const state = stateOf(machine)
  state.ended.set(state.nextPid, run(args))
  return state.nextPid++
}

/** What became of a process; told once, then forgotten. */
export function takeEnded(machine: Machine, pid: number): Ended | undefined {
  const state = stateOf(machine)
  const ended = state.ended.get(pid)
  state.ended.delete(pid)
  return ended
}

export function readGuestFile(machine: Machine, path: string): string | undefined {
  return stateOf(machine).files.get(path)
}

export function writeGuestFile(machine: Machine, path: string, content: string): void {
  stateOf(machine).files.set(path, content)
}

// Without apt: installs with the system's package manager, as root or with sudo.
import { say } from '../log.ts'
import { runProgram } from './run-program.ts'

const MANAGERS = [
  { program: 'dnf', args: ['install', '-y', '-q', 'qemu-img'] },
  { program: 'apk', args: ['add', '--quiet', 'qemu-img'] },
  { program: 'zypper', args: ['--non-interactive', '--quiet', 'install', 'qemu-tools'] },
  { program: 'pacman', args: ['-S', '--noconfirm', '--needed', 'qemu-img'] },
  { program: 'brew', args: ['install', '--quiet', 'qemu'], asUser: true },
] as const

/** Installs qemu-img. Rejects if there is no known package manager, or if it fails. */
export async function installBySystem(): Promise<void> {
  for (const manager of MANAGERS) {
    if (!(await isThere(manager.program))) continue
    const isRoot = process.getuid?.() === 0
    const command = [...(isRoot || 'asUser' in manager ? [] : ['sudo', '-n']), manager.program, ...manager.args]
    say(`$ ${command.join(' ')}`)
    const [file = '', ...args] = command
    await runProgram(file, args)
    return
  }
  throw new Error('no known package manager was found')
}

async function isThere(program: string): Promise<boolean> {
  return runProgram(program, ['--version']).then(
    () => true,
    () => false,
  )
}

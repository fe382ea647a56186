// Runs a program without a shell and returns its output.

export interface ProgramOptions {
  readonly cwd?: string
  readonly signal?: AbortSignal
}

/** Resolves with standard output. Rejects with the program's last output if the program is missing or fails. */
export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, signal }: ProgramOptions = {},
): Promise<string> {
  const { execa } = await import('execa')
  const { stdout, stderr, failed, shortMessage } = await execa(file, args, {
    reject: false,
    stdin: 'ignore',
    // The output is parsed, so it must be in English.
    env: { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    ...(cwd !== undefined && { cwd }),
    ...(signal && { cancelSignal: signal }),
  })
  if (failed) throw new Error(stderr?.trim().split('\n').at(-1) || shortMessage)
  return stdout ?? ''
}

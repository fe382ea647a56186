// `completion bash | zsh | fish`: prints a completion script, generated from the commands.
import { ProvisionError } from '@pve-provision/core'
import type { Command } from 'commander'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { type Grammar, grammarOf, SHELLS, type Shell } from '../completion/words.ts'
import { zshScript } from '../completion/zsh.ts'
import { EXIT } from '../exit-codes.ts'
import { loadManifest } from '../manifest.ts'
import type { ManifestOptions } from '../options.ts'
import { writeText } from '../text/output.ts'

const SCRIPTS: Readonly<Record<Shell, (grammar: Grammar) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

export function completionCommand(shell: string, program: Command): number {
  if (!isShell(shell)) {
    throw new ProvisionError('USAGE', `There is no completion for ${shell}.`, {
      hint: `Known are ${SHELLS.join(', ')}.`,
    })
  }
  writeText(SCRIPTS[shell](grammarOf(program)))
  return EXIT.fine
}

function isShell(text: string): text is Shell {
  return SHELLS.some((shell) => shell === text)
}

/** Prints the names of machines and entries for shell completion. If the manifest is invalid, prints nothing. */
export function machinesCommand(options: ManifestOptions): number {
  try {
    const { machines } = loadManifest(options).desired
    const names = new Set(machines.flatMap(({ entry, name }) => [entry, name]))
    writeText([...names].map((name) => `${name}\n`).join(''))
  } catch {
    // The user is typing a command, so do not print an error into it.
  }
  return EXIT.fine
}

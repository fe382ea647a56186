// `completion bash | zsh | fish`: a script for the shell, made from the commands themselves.
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

/** Names of machines and of the manifest's entries, for a shell that completes; of a wrong manifest none, silently. */
export function machinesCommand(options: ManifestOptions): number {
  try {
    const { machines } = loadManifest(options).desired
    const names = new Set(machines.flatMap(({ entry, name }) => [entry, name]))
    writeText([...names].map((name) => `${name}\n`).join(''))
  } catch {
    // Somebody is typing: a problem would land between the words.
  }
  return EXIT.fine
}

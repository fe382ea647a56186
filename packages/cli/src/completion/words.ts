// Extracts the grammar of the command line from the commands: which words may follow which.
import type { Command } from 'commander'
import { FORMATS } from '../list/formats.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** The hidden command that prints the machine names of a manifest, one on each line. Completion scripts call it. */
export const MACHINES_COMMAND = '__machines'

/** A possible next word, and its meaning. */
export interface Word {
  readonly text: string
  /** Without quotes. Empty for a self-explanatory word. */
  readonly description: string
}

/** A command and its possible next words. */
export interface Words {
  /** `images`, or `images list`. */
  readonly path: string
  readonly description: string
  /** Subcommands, fixed arguments and options. */
  readonly next: readonly Word[]
}

export interface Grammar {
  readonly top: readonly Words[]
  /** Subcommands. */
  readonly nested: readonly Words[]
  /** Options that take a file. */
  readonly fileOptions: readonly string[]
  /** Options that take machine names. */
  readonly machineOptions: readonly string[]
  /** Options that take one of a few words. */
  readonly choices: readonly Choice[]
  /** Commands whose arguments are files, and those whose arguments are machine names. */
  readonly fileCommands: readonly string[]
  readonly machineCommands: readonly string[]
}

export interface Choice {
  readonly option: string
  readonly values: readonly string[]
}

export function grammarOf(program: Command): Grammar {
  const commands = program.commands.filter((command) => command.name() !== MACHINES_COMMAND)
  const all = commands.flatMap((command) => [command, ...command.commands])
  return {
    top: commands.map((command) => wordsAt(command, command.name())),
    nested: commands.flatMap((command) =>
      command.commands.map((child) => wordsAt(child, `${command.name()} ${child.name()}`)),
    ),
    fileOptions: optionsWith(all, '<file>'),
    machineOptions: optionsWith(all, '<machine...>'),
    choices: [{ option: '--format', values: FORMATS }],
    fileCommands: ['apply'],
    machineCommands: ['adopt'],
  }
}

function wordsAt(command: Command, path: string): Words {
  const children = command.commands.map((child) => wordOf(child.name(), child.description()))
  const options = command.options.flatMap(({ long, hidden, description }) =>
    hidden || !long ? [] : [wordOf(long, description)],
  )
  const shells = path === 'completion' ? SHELLS.map((shell) => wordOf(shell, '')) : []
  return {
    path,
    description: wordOf(path, command.description()).description,
    next: [...children, ...shells, ...options, wordOf('--help', 'show help')],
  }
}

function wordOf(text: string, description: string): Word {
  return { text, description: description.replaceAll("'", '’') }
}

function optionsWith(commands: readonly Command[], value: string): readonly string[] {
  const options = commands.flatMap((command) => command.options).filter(({ flags }) => flags.endsWith(value))
  return [...new Set(options.flatMap(({ short, long }) => [short ?? [], long ?? []].flat()))]
}

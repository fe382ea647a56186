// Creates a bug report that can be pasted. It contains no personal data.
import { arch, homedir, platform } from 'node:os'
import { VERSION } from '../version.ts'

const ISSUES = 'https://github.com/org/pve-provision/issues/new'
const DEEPEST = 12

/** Contains the stack without folders, hosts and secrets, and the command with its options but without their values. */
export function bugReport(cause: unknown): string {
  const lines = [
    `pve-provision ${VERSION}, Node ${process.version}, ${platform()} ${arch()}`,
    `command: ${commandWords(process.argv.slice(2)).join(' ')}`,
    ...withoutPlaces(stackOf(cause)).split('\n').slice(0, DEEPEST),
  ]
  return `Please report it at ${ISSUES} with these lines; they contain no secrets:\n\n${lines.map((line) => `    ${line}`).join('\n')}\n\n`
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? `${cause.name}: ${cause.message}`) : String(cause)
}

function commandWords(args: readonly string[]): readonly string[] {
  const firstOption = args.findIndex((word) => word.startsWith('-'))
  const command = firstOption === -1 ? args : args.slice(0, firstOption)
  const options = args.filter((word) => word.startsWith('-')).map((word) => word.replace(/=.*/s, '=…'))
  return [...command.slice(0, 2), ...options]
}

/** Removes the installation folder, the home folder and the Proxmox hosts. */
function withoutPlaces(text: string): string {
  const hosts = (process.env.PVE_ENDPOINT ?? '').split(',').flatMap((part) => {
    const url = URL.canParse(part.trim()) ? new URL(part.trim()) : undefined
    return url ? [url.host, url.hostname] : []
  })
  const bare = text.replaceAll(/file:\/\/\S*\/(?=[^/\s]+\.js:)/g, '').replaceAll(homedir(), '~')
  return hosts.filter((host) => host !== '').reduce((clean, host) => clean.replaceAll(host, '<proxmox>'), bare)
}

// Additional help texts: environment variables, exit codes, and examples for each command.
import { wrap } from './wrap.ts'

/** The width that commander uses, also without a terminal. */
const DEFAULT_COLUMNS = 80

/** A second column with fewer columns than this gets its own line. */
const NARROWEST = 24

/** A word or a command, two spaces, and what it means. */
const TWO_COLUMNS = /^( +\S.*?) {2,}(\S.*)$/

/** Wraps the second column of a help text. If the first one leaves too little space, the second one gets its own line. */
export function fitted(text: string, columns = process.stdout.columns || DEFAULT_COLUMNS): string {
  return text
    .split('\n')
    .flatMap((line) => fittedLine(line, columns))
    .join('\n')
}

function fittedLine(line: string, columns: number): readonly string[] {
  const [, left = '', right = ''] = TWO_COLUMNS.exec(line) ?? []
  if (line.length <= columns || right === '') return [line]
  const cells = line.length - right.length
  const isBeside = columns - cells >= NARROWEST
  const indent = isBeside ? cells : 6
  const [first = '', ...rest] = wrap(right, columns - indent).map((part) => `${' '.repeat(indent)}${part}`)
  return isBeside ? [`${line.slice(0, cells)}${first.slice(indent)}`, ...rest] : [left, first, ...rest]
}

export const ENVIRONMENT = `
Environment:
  PVE_ENDPOINT         https://host:8006, several separated by commas
  PVE_TOKEN_ID         user@realm!name
  PVE_TOKEN_SECRET     the token's secret
  PVE_FINGERPRINT      SHA-256 fingerprint of the server's certificate (of each endpoint, separated by commas), or:
  PVE_CA               a PEM file with its certificate authority
  PVE_PROVISION_CACHE  folder for images and facts (default: ~/.cache/pve-provision)`

export const EXIT_CODES = `
Exit codes:
  0    fine
  1    something failed, or plan or doctor found something that would fail
  2    something differs from the manifest (only plan --detailed-exitcode)
  64   an error in the command line, the environment or the manifest
  77   Proxmox rejects the token, or the token lacks a privilege
  130  interrupted`

export const PLAN_EXIT_CODES = `
Exit codes:
  0    apply can run; with --detailed-exitcode: nothing differs
  2    with --detailed-exitcode: there are changes, or differences that apply does not touch: changes that wait for a restart, disks or machines that are not in the manifest, another node, an older build of the image
  1    something would fail: see the lines with ✗
  77   apply would be refused, because privileges are missing
  64   an error in the command line, the environment or the manifest
  130  interrupted`

function examples(...lines: readonly (readonly [command: string, what: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length))
  return `\nExamples:\n${lines.map(([command, what]) => `  pve-provision ${command.padEnd(width)}  ${what}`.trimEnd()).join('\n')}`
}

export const EXAMPLES: Readonly<Record<string, string>> = {
  init: examples(
    ['init', 'asks questions, with proposals from the cluster'],
    ['init --yes --image ubuntu-24.04', 'asks nothing'],
    ['init --from-ansible group_vars/all.yml', 'convert the variables of the role'],
    ["init --from-cluster 'db-*'", 'write existing VMs, for `adopt --all`'],
  ),
  validate: examples(['validate', 'pve-provision.yaml'], ['validate -f lab.yaml --json', 'for scripts']),
  plan: examples(
    ['plan', 'show the changes'],
    ['plan --detailed-exitcode', 'for scripts: exit 2 if anything differs'],
    ["plan --only web 'db-*'", 'some machines only'],
    ['plan --out review.json', 'save the plan for review'],
    ['plan --destroy', 'show what destroy would remove'],
    ['plan --without-node pve3', 'before maintenance: what can move away from pve3'],
  ),
  apply: examples(
    ['apply', 'show the plan, then ask'],
    ['apply --auto-approve --json', 'for scripts'],
    ['apply review.json', 'apply the saved plan, or refuse if it no longer fits'],
    ['apply --replace web', 'replace web; its data disks stay'],
    ['apply --prune', 'also remove machines that are not in the manifest'],
    ['apply --update-images', 'use the newest images'],
    ['apply --verify', 'check the local store first'],
  ),
  destroy: examples(
    ['destroy', 'everything of this project'],
    ['destroy --only worker-3', 'one machine'],
    ['destroy --expired', 'expired machines'],
  ),
  adopt: examples(['adopt web 104', 'VM 104 becomes web'], ['adopt --all', 'every machine whose name matches a VM']),
  list: examples(
    ['list', 'a table'],
    ['list --format ansible > inventory.yaml', 'an inventory with groups'],
    ['list --format ssh > ~/.ssh/homelab', 'then: ssh -F ~/.ssh/homelab web'],
  ),
  pin: examples(['pin', 'writes pve-provision.lock beside the manifest']),
  'images list': examples(['images list', 'what is where']),
  'images prune': examples(
    ['images prune', 'asks first'],
    ['images prune --store-days 30', 'also clean the local store'],
  ),
  'facts show': examples(['facts show', 'what is cached']),
  'facts refresh': examples(['facts refresh', 'after a change to the cluster or the token']),
  'facts clear': examples(['facts clear', 'the next run reads the cluster again']),
  doctor: examples(['doctor', 'problems, and how to fix them']),
  schema: examples(['schema > pve-provision.schema.json', 'for your editor']),
  completion: examples(
    ['completion bash > /etc/bash_completion.d/pve-provision', ''],
    ['completion zsh > "${fpath[1]}/_pve-provision"', ''],
    ['completion fish > ~/.config/fish/completions/pve-provision.fish', ''],
  ),
}

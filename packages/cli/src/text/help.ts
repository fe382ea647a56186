// Additional help texts: environment variables, and examples for each command.

export const ENVIRONMENT = `
Environment:
  PVE_ENDPOINT         https://host:8006, several separated by commas
  PVE_TOKEN_ID         user@realm!name
  PVE_TOKEN_SECRET     the token's secret
  PVE_FINGERPRINT      SHA-256 of the server's certificate, as Proxmox shows it, or
  PVE_CA               a PEM file with its certificate authority
  PVE_PROVISION_CACHE  folder for images and facts (default: the XDG cache folder)
`

export const EXIT_CODES = `
Exit codes:
  0    fine
  1    something failed, or a plan or doctor found what is sure to fail
  2    not everything is as declared (plan --detailed-exitcode alone)
  64   the command line, the environment or the manifest is wrong
  77   Proxmox does not know the token, or the token may not do this
  130  interrupted`

export const PLAN_EXIT_CODES = `
Exit codes:
  0    an apply can begin; with --detailed-exitcode: everything is as declared
  2    with --detailed-exitcode: changes to make, or something that an apply
       leaves as it is: a change that waits for a restart, a disk or a machine
       that the manifest does not name, another node
  1    something is sure to fail: the lines with ✗ say what and why
  77   an apply would be refused: only privileges are missing
  64   the command line, the environment or the manifest is wrong
  130  interrupted`

function examples(...lines: readonly (readonly [command: string, what: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length))
  return `\nExamples:\n${lines.map(([command, what]) => `  pve-provision ${command.padEnd(width)}  ${what}`).join('\n')}`
}

export const EXAMPLES: Readonly<Record<string, string>> = {
  init: examples(
    ['init', 'asks, with answers found on the cluster'],
    ['init --yes --image ubuntu-24.04', 'takes what it finds'],
    ['init --from-ansible group_vars/all.yml', 'converts the role’s variables'],
    ["init --from-cluster 'db-*'", 'writes machines that are there, for `adopt --all`'],
  ),
  validate: examples(['validate', 'pve-provision.yaml'], ['validate -f lab.yaml --json', 'for scripts']),
  plan: examples(
    ['plan', 'what would be done'],
    ['plan --detailed-exitcode', 'for scripts: 2 when not everything is as declared'],
    ["plan --only web 'db-*'", 'some machines alone'],
    ['plan --out review.json', 'saves the plan, to be looked at and applied'],
    ['plan --destroy', 'what destroy would remove'],
  ),
  apply: examples(
    ['apply', 'shows the plan and asks'],
    ['apply --auto-approve --json', 'for scripts'],
    ['apply review.json', 'does what the saved plan says, or refuses'],
    ['apply --replace web', 'a new machine in the place of web; data disks stay'],
    ['apply --prune', 'also removes machines and disks that the manifest no longer names'],
    ['apply --update-images', 'moves to the vendors’ newest images'],
    ['apply --verify', 'hashes the images in the store here again first'],
  ),
  destroy: examples(
    ['destroy', 'all of this project'],
    ['destroy --only worker-3', 'one machine'],
    ['destroy --expired', 'machines whose time is over'],
  ),
  adopt: examples(
    ['adopt web 104', 'VM 104 becomes web; nothing of it changes yet'],
    ['adopt --all', 'all whose VM has their name'],
  ),
  list: examples(
    ['list', 'a table'],
    ['list --format ansible > inventory.yaml', 'groups by entry, node and tag'],
    ['list --format ssh >> ~/.ssh/config', 'then: ssh web'],
  ),
  pin: examples(['pin', 'writes pve-provision.lock beside the manifest']),
  'images list': examples(['images list', 'which image is where']),
  'images prune': examples(['images prune', 'asks first'], ['images prune --store-days 30', 'the store here as well']),
  'facts show': examples(['facts show', 'version, bridges, privileges']),
  'facts refresh': examples(['facts refresh', 'after somebody changed the cluster or the token']),
  'facts clear': examples(['facts clear', 'the next run reads them from the cluster']),
  doctor: examples(['doctor', 'problems, and how to fix them']),
  schema: examples(['schema > pve-provision.schema.json', 'for your editor']),
  completion: examples(
    ['completion bash > /etc/bash_completion.d/pve-provision', ''],
    ['completion zsh > "${fpath[1]}/_pve-provision"', ''],
    ['completion fish > ~/.config/fish/completions/pve-provision.fish', ''],
  ),
}

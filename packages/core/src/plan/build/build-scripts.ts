// Writes the scripts of a build in simple shell, one statement per line, so that every `sh` runs them in the same way.
import type { Build } from '../../manifest/build-recipe.ts'

/** The folder of the scripts in the guest. The next boot empties it. */
export const FOLDER = '/run/pve-provision'

/** The files in the guest that a run reads. */
export const TOLD = {
  /** Exists only during the boot that runs the recipe. */
  main: `${FOLDER}/main`,
  /** The number of the command that is running, or ran last. */
  command: `${FOLDER}/command`,
  /** The exit code of the last command that ran. */
  code: `${FOLDER}/code`,
  /** The exit code of `cloud-init status`: 0, or 2 for done with warnings. */
  cloudInit: `${FOLDER}/cloud-init`,
  /** The last lines of the logs. */
  log: `${FOLDER}/log-tail`,
  /** The exit code of the whole build. It is written last. */
  ended: `${FOLDER}/ended`,
} as const

/** Written by cloud-init when it has finished, with its errors. */
export const CLOUD_INIT_RESULT = '/run/cloud-init/result.json'

export const CLOUD_INIT_LOG = '/var/log/cloud-init-output.log'

/**
 * Lines of the log about new SSH host keys, with their pictures. Debian 13 writes sixty of them after everything else, so the end
 * of the log would show nothing but them.
 */
export const HOST_KEYS =
  '^[+]--|^[|].{17}[|]$|^Generating public/private|^Your (identification|public key) has been|^The key(.s randomart image| fingerprint) is|^SHA256:'

/** Returns the scripts by file name. */
export function scriptsOf({ run }: Build): Readonly<Record<string, string>> {
  return {
    main: linesOf(MAIN),
    agent: linesOf(AGENT),
    install: linesOf(INSTALL),
    commands: linesOf([
      ...run.flatMap((_, index) => [
        `echo ${index + 1} > ${TOLD.command}`,
        // `exit` without a number exits with the code of the command.
        `sh ${FOLDER}/run-${index + 1} >> ${FOLDER}/log 2>&1 || exit`,
      ]),
      'exit 0',
    ]),
    ...Object.fromEntries(run.map((command, index) => [`run-${index + 1}`, `${command}\n`])),
    finish: linesOf(FINISH),
    seal: linesOf(SEAL),
  }
}

function linesOf(lines: readonly string[]): string {
  return `#!/bin/sh\n${lines.join('\n')}\n`
}

/** cloud-init runs this last. What comes after the end of cloud-init runs in the background. */
const MAIN = [
  'export HOME=/root DEBIAN_FRONTEND=noninteractive PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin',
  'cd /',
  `sh ${FOLDER}/agent > ${FOLDER}/agent-log 2>&1`,
  `sh ${FOLDER}/commands`,
  `echo $? > ${TOLD.code}`,
  `setsid sh ${FOLDER}/finish > /dev/null 2>&1 &`,
]

/**
 * Installs the agent if neither the image nor the packages contain it. Red Hat and its derivatives forbid the agent to read
 * files. What allows it is below /run and ends with this boot, as does the change of SELinux's mode.
 */
const AGENT = [
  `command -v qemu-ga || sh ${FOLDER}/install`,
  'systemctl enable qemu-guest-agent',
  'systemctl start qemu-guest-agent',
  'command -v rc-update && rc-update add qemu-guest-agent default && rc-service qemu-guest-agent start',
  'grep -q guest- /etc/sysconfig/qemu-ga || exit 0',
  'setenforce 0',
  'mkdir -p /run/systemd/system/qemu-guest-agent.service.d',
  "printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/qemu-ga --method=virtio-serial --path=/dev/virtio-ports/org.qemu.guest_agent.0\\n' > /run/systemd/system/qemu-guest-agent.service.d/build.conf",
  'systemctl daemon-reload',
  'systemctl restart qemu-guest-agent',
  'exit 0',
]

/** Uses the package manager that the guest has. */
const INSTALL = [
  'command -v apt-get && apt-get update && apt-get install -y qemu-guest-agent',
  'command -v dnf && dnf install -y qemu-guest-agent',
  'command -v dnf || yum install -y qemu-guest-agent',
  'command -v zypper && zypper --non-interactive install qemu-guest-agent',
  'command -v apk && apk add qemu-guest-agent',
  'command -v pacman && pacman -Sy --noconfirm qemu-guest-agent',
]

const FINISH = [
  'cloud-init status --wait > /dev/null 2>&1',
  `echo $? > ${TOLD.cloudInit}`,
  `grep -Ev '${HOST_KEYS}' ${CLOUD_INIT_LOG} > ${FOLDER}/cloud-init-log`,
  `tail -n 40 ${FOLDER}/cloud-init-log > ${TOLD.log}`,
  `tail -n 40 ${FOLDER}/log >> ${TOLD.log}`,
  `sh ${FOLDER}/seal > ${FOLDER}/seal-log 2>&1`,
  `echo $? > ${TOLD.ended}`,
]

/**
 * Removes what must differ on each machine: identity, keys, the state of cloud-init, network settings and logs. A failed build
 * is not changed, so that it can be inspected.
 */
const SEAL = [
  `grep -q '^0$' ${TOLD.code} || exit 1`,
  // 2 means done with warnings. cloud-init before 23.4 knows only 0.
  `grep -q '^[02]$' ${TOLD.cloudInit} || exit 1`,
  'apt-get clean',
  'dnf clean all',
  'rm -f /etc/ssh/ssh_host_*',
  'rm -f /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init*',
  'rm -f /etc/NetworkManager/system-connections/cloud-init-* /etc/systemd/network/10-cloud-init-*',
  'rm -f /etc/udev/rules.d/70-persistent-net.rules /var/lib/dhcp/*.leases /var/lib/NetworkManager/*.lease',
  'rm -rf /tmp/* /var/tmp/* /root/.bash_history /root/.ash_history',
  'journalctl --rotate',
  'rm -rf /var/log/journal/*',
  'find /var/log -type f -exec truncate -s 0 {} +',
  'rm -f /var/lib/systemd/random-seed',
  'test -L /var/lib/dbus/machine-id || rm -f /var/lib/dbus/machine-id',
  'test ! -e /etc/machine-id || truncate -s 0 /etc/machine-id',
  'cloud-init clean --logs || rm -rf /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/data /var/lib/cloud/sem',
  'fstrim -a || fstrim /',
  'sync',
  'test ! -s /etc/machine-id && test ! -e /var/lib/cloud/data/instance-id',
]

// Consoles and monitors of machines. A machine that is off has none (qemu-server `API2/Qemu.pm`).
import { badParameters, failure, notSimulated } from '../../errors.ts'
import type { Call, Endpoint } from '../call.ts'

const machine = '/nodes/{node}/qemu/{vmid}'

export const qemuConsoleEndpoints: readonly Endpoint[] = [
  { path: `${machine}/monitor`, method: 'POST', handle: monitor },
  { path: `${machine}/dbus-vmstate`, method: 'POST', handle: savedBusState },
]

/** Commands of the monitor that any caller may use, those that change the machine, and those for root only. */
const harmless = new Set(['help', '?', 'info'])
const changing = new Set(
  `gpa2hpa gpa2hva i announce_self backup_cancel balloon block_job_cancel block_job_complete block_job_pause
  block_job_resume block_job_set_speed block_resize block_set_io_throttle boot_set calc_dirty_rate
  cancel_vcpu_dirty_limit chardev-send-break closefd commit cont c cpu delvm eject exit_preconfig expire_password getfd
  gva2gpa loadvm log migrate_cancel migrate_continue migrate_pause migrate_set_capability migrate_set_parameter
  migrate_start_postcopy mouse_button mouse_move mouse_set one-insn-per-tb print p qemu-io qom-get qom-list quit q
  replay_break replay_delete_break replay_seek ringbuf_read ringbuf_write savevm sendkey set_link set_password
  set_vcpu_dirty_limit snapshot_blkdev_internal snapshot_delete_blkdev_internal stopcapture stop s sum sync-profile
  system_powerdown system_reset system_wakeup trace-event x x_colo_lost_heartbeat xp`.split(/\s+/),
)

const dangerous = new Set(
  `backup block_stream change chardev-add chardev-change chardev-remove client_migrate_info device_add device_del
  drive_add drive_backup drive_del drive_mirror dump-guest-memory dumpdtb gdbserver hostfwd_add hostfwd_remove
  logfile mce memsave migrate migrate_incoming migrate_recover nbd_server_add nbd_server_remove nbd_server_start
  nbd_server_stop netdev_add netdev_del nmi o object_add object_del pcie_aer_inject_error pmemsave qom-set
  savevm-end savevm-start screendump snapshot_blkdev watchdog_action wavcapture xen-event-inject xen-event-list`.split(
    /\s+/,
  ),
)

/** A command that fails is answered with its error as the output. */
function monitor(call: Call): string {
  const { world, node, isRoot } = call
  const [name = ''] = call.text('command').trim().split(/\s+/)
  if (name === '') throw failure(`unexpected command '${call.text('command')}'`)
  if (world.version !== '8.4' && !isRoot && !harmless.has(name)) {
    if (changing.has(name)) call.needs('/', 'Sys.Modify')
    else if (dangerous.has(name)) throw failure(`root-only command '${name}'`)
    else throw failure(unknownCommand(name))
  }
  const { vmid, power } = world.machines.get(node, call.integer('vmid'))
  if (power === undefined) return `ERROR: VM ${vmid} not running\n`
  throw notSimulated('the monitor of a running machine')
}

const unknownCommand = (name: string): string =>
  `command '${name}' non-existent or not assigned a required permission yet, limiting to root user`

function savedBusState({ world, node, ...call }: Call): never {
  const vmid = call.integer('vmid')
  const found = world.machines.find(vmid)
  if (found?.node !== node || found.power === undefined) {
    throw badParameters({ node: `VM ${vmid} not running locally on node '${node}'` })
  }
  throw notSimulated('the saved state of network connections')
}

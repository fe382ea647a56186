// The display of a machine (qemu-server `QemuServer.pm:assert_clipboard_config`).
import { failure } from '../../errors.ts'
import { fieldsOf } from '../../state/fields.ts'

/** @throws for a VNC clipboard with a display that does not support it */
export function checkClipboard(vga: string | undefined): void {
  const fields = fieldsOf(vga ?? '', 'type')
  const type = fields.get('type')
  if (fields.get('clipboard') !== 'vnc' || type === undefined) return
  if (!/^(?:std|cirrus|vmware|virtio|qxl)/.test(type)) {
    throw failure(`vga type ${type} is not compatible with VNC clipboard`)
  }
}

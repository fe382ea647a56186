// Our conversion in a separate process. Usage: convert.js FROM TO
import { createExec } from '../../packages/core/src/ports/exec.ts'
import { createQemuImg } from '../../packages/core/src/ports/image/qemu-img.ts'

const [from = '', to = ''] = process.argv.slice(2)
await createQemuImg({ exec: createExec() }).convert({ from, fromFormat: 'qcow2', to, toFormat: 'raw' })

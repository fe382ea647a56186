// Removes the ISO with a machine's cloud-init documents once nothing uses it.
import { ProvisionError } from '../../errors.ts'
import { runTask } from '../guest/run-task.ts'
import type { StepContext } from '../step-context.ts'

/**
 * Removing a file requires Datastore.Allocate, which few tokens have. Without it, the ISO stays and a warning is shown.
 */
export async function removeSeed(volid: string, node: string, context: StepContext): Promise<void> {
  const [storage = ''] = volid.split(':', 1)
  try {
    await runTask(
      {
        removes: true,
        start: (api) => api.nodes.$(node).storage.$(storage).content.$(volid).$delete(),
        isDone: () => Promise.resolve(true),
      },
      context,
    )
  } catch (thrown) {
    if (!(thrown instanceof ProvisionError) || thrown.code === 'CANCELLED') throw thrown
    const reason =
      thrown.code === 'PERMISSION'
        ? `the token may not remove it: it needs Datastore.Allocate on /storage/${storage}`
        : `it could not be removed: ${thrown.message.replace(/\.$/, '')}`
    // It may contain passwords.
    context.warn(`The CD ${volid} is no longer used, but ${reason}. As root on ${node}: pvesm free ${volid}`)
  }
}

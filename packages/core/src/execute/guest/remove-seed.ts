// Removes the CD with a machine's cloud-init documents once nothing refers to it.
import { ProvisionError } from '../../errors.ts'
import type { StepContext } from '../step-context.ts'
import { runTask } from './run-task.ts'

/** To remove a file takes Datastore.Allocate, which few tokens have: then the CD stays, and it is said. */
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
    // It may hold passwords.
    context.warn(
      `${volid} is not needed any more, and stays: ${thrown.message} As root on ${node}: pvesm free ${volid}`,
    )
  }
}

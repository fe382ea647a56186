// Creates the ISO with a machine's cloud-init documents and uploads it. This needs neither SSH nor snippets.
import { encrypt } from 'unixcrypt'
import { seedDocuments } from '../../plan/first-boot/seed-documents.ts'
import { sendCd } from '../image/send-cd.ts'
import { machineOf, type StepRunner } from '../step-context.ts'

export const seed: StepRunner<'seed'> = async ({ machine: name, at, volume, macs }, context) => {
  const documents = seedDocuments(machineOf(context, name), { project: context.desired.project, macs }, hashPassword)
  const { volid, sent } = await sendCd({ at, fileName: volume, documents }, context)
  return { volid, kept: !sent }
}

/** SHA-512 of crypt(5), which every Linux supports. */
function hashPassword(password: string, salt: string): string {
  return encrypt(password, `$6$${salt}`)
}

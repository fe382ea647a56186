// Says what to do about bytes that do not have the expected digest. That depends on where the digest is from.
import { ProvisionError } from '../../errors.ts'
import type { StepContext } from '../step-context.ts'

type Known = Pick<StepContext, 'desired' | 'facts'>

/** `pin` copies a digest that the manifest states, so it corrects only a digest of the lock file. */
export function digestAdvice(image: string, { desired, facts }: Known): string {
  const declared = desired.images.get(image)
  if (declared !== undefined && 'checksum' in declared && typeof declared.checksum === 'string') {
    const { file, line, column } = declared.position ?? {}
    const place = line === undefined ? 'the manifest' : `${file ?? 'the manifest'}:${line}:${column}`
    return `The expected digest is the \`checksum\` of ${image} in ${place}. Compare both with what the vendor publishes, and correct it there.`
  }
  const found = facts.images.get(image)
  const digestFrom = found !== undefined && 'digestFrom' in found ? found.digestFrom : undefined
  return digestFrom === 'lock' || digestFrom === 'first use'
    ? 'The expected digest is from the lock file. The vendor may have published a new build: to use it, run `pve-provision pin`.'
    : 'The expected digest is from the checksum document. The vendor may be publishing a new build: run again in a few minutes. If it stays, the file or the document on that server is damaged.'
}

/** Adds the advice to an error about a wrong digest. An error with a hint of its own keeps it. */
export async function withDigestAdvice<Result>(
  image: string,
  known: Known,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ProvisionError) || error.code !== 'CHECKSUM' || error.hint !== undefined) throw error
    const { cause, details } = error
    throw new ProvisionError('CHECKSUM', error.message, { cause, details, hint: digestAdvice(image, known) })
  }
}

// The child process: exchanges one entry with the workflow's cache through GitHub's client, in the current folder.
import { restoreCache, saveCache } from '@actions/cache'
import { ENTRY_FILE, type Exchange, type ExchangeAnswer } from './cache-protocol.ts'

/** Does what the second argument asks for and sends the answer to the parent process. */
export async function serve(): Promise<void> {
  const answer = await exchange(JSON.parse(process.argv[3] ?? '{}') as Exchange).catch(failure)
  // The client leaves sockets open, so exit as soon as the answer is sent.
  process.send?.(answer, undefined, {}, () => process.exit(0))
}

async function exchange({ action, key, restoreKeys }: Exchange): Promise<ExchangeAnswer> {
  if (action === 'save') return { action, saved: (await saveCache([ENTRY_FILE], key)) >= 0 }
  const found = await restoreCache([ENTRY_FILE], key, [...restoreKeys])
  return found === undefined ? { action } : { action, key: found }
}

function failure(thrown: unknown): ExchangeAnswer {
  return { action: 'fail', message: thrown instanceof Error ? thrown.message : String(thrown) }
}

// Parses storages on the command line: `local,fast:dir:images,nas:nfs:images+import`.
import { type StorageOptions, type StorageType, storageRules } from './storage-config.ts'

/** Throws a sentence for an unknown type or content. */
export function parseStorages(text: string): readonly StorageOptions[] {
  return text.split(',').filter(Boolean).map(parseStorage)
}

function parseStorage(text: string): StorageOptions {
  const [id = '', type = 'dir', content] = text.split(':')
  if (!/^[a-z][a-z0-9\-_.]*[a-z0-9]$/i.test(id)) throw new Error(`'${id}' is not a valid name for a storage`)
  if (!Object.hasOwn(storageRules, type))
    throw new Error(`'${type}' is not a type of storage: ${Object.keys(storageRules).join(', ')}`)
  const known = storageRules[type as StorageType].content
  const wanted = content?.split('+').filter(Boolean)
  const unknown = wanted?.find((kind) => !known.includes(kind))
  if (unknown !== undefined) throw new Error(`a storage of type ${type} holds no '${unknown}': ${known.join(', ')}`)
  return { id, type: type as StorageType, ...(wanted !== undefined && { content: wanted }) }
}

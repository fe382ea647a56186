// The temporary name of a VM that is being replaced, and the state that is needed to restore it.
import type { Marker } from './marker.ts'

/** No machine in a manifest can have such a name: `~` is not allowed in names. */
const SUFFIX = '~old'

/** Returns the name in the marker of a VM that is being replaced. */
export function retiredName(name: string): string {
  return `${name}${SUFFIX}`
}

/** Returns the original name, or undefined if this is not the name of a VM that is being replaced. */
export function nameBeforeRetired(name: string): string | undefined {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : undefined
}

/** The state of the old VM, to restore it. */
export interface Retirement {
  readonly wasRunning: boolean
  readonly onBoot: boolean
  /** The new VM did not become healthy, so the old one is being restored. */
  readonly isReturning: boolean
  /** The new VM is healthy, so the old one is being removed. */
  readonly isDone: boolean
}

export function retirementText({ wasRunning, onBoot, isReturning, isDone }: Retirement): string {
  const end = isReturning ? 'returning' : isDone ? 'done' : ''
  return [wasRunning ? 'running' : 'stopped', onBoot ? 'onboot' : '', end].filter(Boolean).join(' ')
}

export function retirementOf({ retired = '' }: Pick<Marker, 'retired'>): Retirement {
  const words = retired.split(' ')
  return {
    wasRunning: words.includes('running'),
    onBoot: words.includes('onboot'),
    isReturning: words.includes('returning'),
    isDone: words.includes('done'),
  }
}

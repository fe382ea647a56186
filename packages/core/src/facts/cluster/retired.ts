// A machine that is being replaced: what it is called meanwhile, and what must be known to bring it back.
import type { Marker } from './marker.ts'

/** No manifest can call a machine so: `~` is none of a name's characters. */
const SUFFIX = '~old'

/** The name in the marker of a machine that makes room for its successor. */
export function retiredName(name: string): string {
  return `${name}${SUFFIX}`
}

/** The name that it had, when it is one of these. */
export function nameBeforeRetired(name: string): string | undefined {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : undefined
}

/** How the old machine was, so that it can be put back. */
export interface Retirement {
  readonly wasRunning: boolean
  readonly onBoot: boolean
  /** Its successor did not become healthy: it is being put back. */
  readonly isReturning: boolean
}

export function retirementText({ wasRunning, onBoot, isReturning }: Retirement): string {
  return [wasRunning ? 'running' : 'stopped', onBoot ? 'onboot' : '', isReturning ? 'returning' : '']
    .filter(Boolean)
    .join(' ')
}

export function retirementOf({ retired = '' }: Pick<Marker, 'retired'>): Retirement {
  const words = retired.split(' ')
  return {
    wasRunning: words.includes('running'),
    onBoot: words.includes('onboot'),
    isReturning: words.includes('returning'),
  }
}

// How a simulated guest behaves, unless told otherwise for one machine.
export interface GuestBehaviour {
  /**
   * Whether the image has the guest agent. `false`: it answers once documents have installed `qemu-guest-agent`, on this
   * disk and on its clones. `never`: it answers nobody.
   */
  agent: boolean | 'never'
  /** Whether it powers off when it is asked to. */
  powerButton: boolean
  /** Whether it lets go of devices. */
  hotplug: boolean
  /** Whether it gets beyond its boot loader. */
  boots: boolean
  /**
   * How cloud-init ends: as its documents deserve (`documents`), with errors (exit code 1), with warnings (2), never; or
   * the image has none.
   */
  cloudInit: 'documents' | 'error' | 'degraded' | 'never' | 'absent'
  /** Packages and commands that contain one of these texts fail. */
  failing: readonly string[]
}

export const defaultBehaviour: GuestBehaviour = {
  agent: true,
  powerButton: true,
  hotplug: true,
  boots: true,
  cloudInit: 'documents',
  failing: [],
}

const endings = ['documents', 'error', 'degraded', 'never', 'absent'] as const

/** Reads what a person has written. Throws a sentence for what is no behaviour. */
export function readBehaviour(fields: Readonly<Record<string, unknown>>): Partial<GuestBehaviour> {
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'powerButton' || key === 'hotplug' || key === 'boots') requireFlag(key, value)
    else if (key === 'agent') {
      if (typeof value !== 'boolean' && value !== 'never') throw new Error('agent is true, false or "never"')
    } else if (key === 'cloudInit') {
      if (!endings.some((ending) => ending === value)) throw new Error(`cloudInit is one of ${endings.join(', ')}`)
    } else if (key === 'failing') {
      const isList = Array.isArray(value) && value.every((text) => typeof text === 'string')
      if (!isList) throw new Error('failing is a list of texts')
    } else throw new Error(`a guest has no '${key}': ${Object.keys(defaultBehaviour).join(', ')}`)
  }
  return fields
}

function requireFlag(key: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new Error(`${key} is true or false`)
}

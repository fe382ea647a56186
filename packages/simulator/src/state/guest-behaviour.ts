// The behavior of simulated guests. It can be changed for single machines.
export interface GuestBehaviour {
  /**
   * Whether the image contains the guest agent. `false`: it answers once documents have installed `qemu-guest-agent`,
   * on this disk and its clones. `never`: it never answers.
   */
  agent: boolean | 'never'
  /** Whether it powers off when asked. */
  powerButton: boolean
  /** Whether it releases devices. */
  hotplug: boolean
  /** Whether it boots past its boot loader. */
  boots: boolean
  /**
   * How cloud-init ends: depending on its documents (`documents`), with errors (exit code 1), with warnings (2), or
   * never; or the image does not contain it.
   */
  cloudInit: 'documents' | 'error' | 'degraded' | 'never' | 'absent'
  /**
   * Commands that the agent is configured to refuse, such as `exec` and `file-open`: those of `/etc/sysconfig/qemu-ga`,
   * as on Red Hat and its derivatives. A restart with a unit without the filter lifts that until the next boot.
   */
  agentRefuses: readonly string[]
  /** Packages and commands that contain one of these texts fail. */
  failing: readonly string[]
}

export const defaultBehaviour: GuestBehaviour = {
  agent: true,
  powerButton: true,
  hotplug: true,
  boots: true,
  cloudInit: 'documents',
  agentRefuses: [],
  failing: [],
}

const endings = ['documents', 'error', 'degraded', 'never', 'absent'] as const

/** Reads behavior from user input. Throws a sentence for invalid values. */
export function readBehaviour(fields: Readonly<Record<string, unknown>>): Partial<GuestBehaviour> {
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'powerButton' || key === 'hotplug' || key === 'boots') requireFlag(key, value)
    else if (key === 'agent') {
      if (typeof value !== 'boolean' && value !== 'never') throw new Error('agent is true, false or "never"')
    } else if (key === 'cloudInit') {
      if (!endings.some((ending) => ending === value)) throw new Error(`cloudInit is one of ${endings.join(', ')}`)
    } else if (key === 'failing' || key === 'agentRefuses') {
      const isList = Array.isArray(value) && value.every((text) => typeof text === 'string')
      if (!isList) throw new Error(`${key} is a list of texts`)
    } else throw new Error(`a guest has no '${key}': ${Object.keys(defaultBehaviour).join(', ')}`)
  }
  return fields
}

function requireFlag(key: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new Error(`${key} is true or false`)
}

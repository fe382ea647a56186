// The scenarios: the laps of each contestant, and how much each of them verifies.
import { ansible } from './contestants/ansible.ts'
import { ours } from './contestants/ours.ts'
import { script } from './contestants/script.ts'
import type { Run } from './job.ts'

export interface Scenario {
  readonly name: ScenarioName
  readonly title: string
  /** True to convert all images to raw on this computer, false to convert none. */
  readonly convert: boolean
  /** True if each connection to the vendor is limited. */
  readonly limited: boolean
  readonly contestants: readonly Contestant[]
}

export type ScenarioName = 'convert' | 'limited'

export interface Contestant {
  readonly name: ContestantName
  /** In order, on the same site. */
  readonly laps: readonly Lap[]
}

export type ContestantName = 'before' | 'as proposed' | 'best Ansible' | 'best script' | 'pve-provision'

export interface Lap {
  readonly name: LapName
  /** How strictly the contestant verifies. */
  readonly verifies: string
  readonly run: Run
}

/**
 * Nothing exists; or everything exists; or everything except the next build of one image, and one more machine of it.
 */
export type LapName =
  | 'cold'
  | 'cold, pulled by Proxmox'
  | 'warm'
  | 'warm, stat only'
  | 'warm, configs read'
  | 'warm, hashed again'
  | 'one of six changed'

const DOWNLOADED = 'SHA-256 of each download'
const GET_URL = 'each file hashed again by get_url'

const cold = (run: Run, verifies = DOWNLOADED): Lap => ({ name: 'cold', verifies, run })
const warm = (run: Run, verifies: string): Lap => ({ name: 'warm', verifies, run })
const changed = (run: Run, verifies: string): Lap => ({ name: 'one of six changed', verifies, run })

const converting: readonly Contestant[] = [
  {
    name: 'before',
    laps: [cold(ansible('before')), warm(ansible('before'), `${GET_URL}, and converted again`)],
  },
  {
    name: 'as proposed',
    laps: [
      cold(ansible('proposed')),
      warm(ansible('proposed'), GET_URL),
      { name: 'warm, stat only', verifies: 'nothing', run: ansible('proposed', { guard_downloads: true }) },
      changed(ansible('proposed'), GET_URL),
    ],
  },
  {
    name: 'best Ansible',
    laps: [
      cold(ansible('best-effort')),
      warm(ansible('best-effort'), 'each file hashed again by stat; machines by name'),
      changed(ansible('best-effort'), 'each file hashed again by stat, SHA-256 of the download'),
    ],
  },
  {
    name: 'best script',
    laps: [
      cold(script('recorded')),
      warm(script('recorded'), 'the digest noted beside each file; machines by name'),
      {
        name: 'warm, configs read',
        verifies: 'the digest noted beside each file; each machine’s config is read',
        run: script('recorded', 'configs'),
      },
      {
        name: 'warm, hashed again',
        verifies: 'each download hashed again; each machine’s config is read',
        run: script('hashed', 'configs'),
      },
      changed(script('recorded'), 'the digest noted beside each file, SHA-256 of the download'),
    ],
  },
  {
    name: 'pve-provision',
    laps: [
      cold(ours('local')),
      warm(ours('local'), 'recorded digests; each machine’s config is read'),
      {
        name: 'warm, hashed again',
        verifies: 'each download hashed again; each machine’s config is read',
        run: ours('local', '--verify'),
      },
      changed(
        ours('local', '--update-images'),
        'recorded digests, SHA-256 of the download; each machine’s config is read',
      ),
    ],
  },
]

const limited: readonly Contestant[] = [
  { name: 'before', laps: [cold(ansible('before'))] },
  { name: 'as proposed', laps: [cold(ansible('proposed'))] },
  { name: 'best Ansible', laps: [cold(ansible('best-effort'))] },
  { name: 'best script', laps: [cold(script('recorded'))] },
  { name: 'pve-provision', laps: [cold(ours('local'))] },
  {
    name: 'pve-provision',
    laps: [{ name: 'cold, pulled by Proxmox', verifies: 'SHA-256, by Proxmox', run: ours('auto') }],
  },
]

export const scenarios: readonly Scenario[] = [
  {
    name: 'convert',
    title: 'Everything converted to raw on the runner, no network limit',
    convert: true,
    limited: false,
    contestants: converting,
  },
  {
    name: 'limited',
    title: '12 MiB/s a connection, nothing to convert on the runner',
    convert: false,
    limited: true,
    contestants: limited,
  },
]

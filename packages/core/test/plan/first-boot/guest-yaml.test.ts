// Compares our parser for user documents with cloud-init's YAML loader: both must accept and refuse the same.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readGuestYaml } from '../../../src/manifest/documents/guest-yaml.ts'
import { cloudInitVersions } from '../../support/cloud-init.ts'

/** cloud-init's loader supports one more tag than PyYAML's. */
const SCRIPT = `
import json, sys, yaml
try:
    from cloudinit.safeyaml import _CustomSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader
def refused(text):
    try:
        yaml.load(text, Loader)
    except Exception as error:
        return str(getattr(error, "problem", None) or error)
json.dump([refused(text) for text in json.load(sys.stdin)], sys.stdout)
`

const DOCUMENTS = [
  'packages: [nginx, vim]\nruncmd:\n  - [ls, -l]\n  - echo "a: b"\nusers:\n  - default\n  - name: bob\n    sudo: \'ALL=(ALL) NOPASSWD:ALL\'\n',
  "write_files:\n- path: /etc/x\n  content: |\n    a: b\n    \tc\n  permissions: '0644'\nbootcmd:\n- ls\n",
  'a: &x {b: 1}\nc:\n  <<: *x\n  d: 2026-01-02\n# comment\ne: "q\\n"\nf: >-\n  folded\n  text\ng: ~\n',
  'ntp:\n  servers: [a.example]\n\npower_state: {mode: reboot, delay: now}\n',
]

// biome-ignore format: a piece a line would hide them
const PIECES = [
  '\t', ' ', '\n', ': ', '- ', '{', '}', '[', ']', '"', "'", ' #', '&x ', '*x', '*y', '!t ', '!!str ', '!!int ', '%', '@', '`',
  '|', '>', '<<: ', '---\n', '...\n', '\u0007', '{{ v }}', '2026-02-30', ', ', '\\', '~', '=', '1:30', 'é',
]

/** A document with one piece inserted, or with some characters removed. */
const spoilt = fc
  .tuple(fc.constantFrom(...DOCUMENTS), fc.nat(), fc.oneof(fc.constantFrom(...PIECES), fc.integer({ min: 1, max: 4 })))
  .map(([text, place, change]) => {
    const at = place % (text.length + 1)
    return typeof change === 'string'
      ? `${text.slice(0, at)}${change}${text.slice(at)}`
      : `${text.slice(0, at)}${text.slice(at + change)}`
  })

/** Known differences, where our parser is stricter or laxer than cloud-init's. */
const KNOWN = [/[\]}"']#/, /\w: *[,}\]]/, /, -\]/]

const [version] = cloudInitVersions()
const reason = version === undefined ? " (skipped: cloud-init's Python is not here)" : ''

describe.skipIf(version === undefined)(`a cloud-config${reason}`, () => {
  it('is refused only where cloud-init uses nothing of it', () => {
    const texts = [...DOCUMENTS, ...new Set(fc.sample(spoilt, { numRuns: 3000, seed: 11 }))]
    const output = execFileSync('/usr/bin/python3', ['-c', SCRIPT], {
      input: JSON.stringify(texts),
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: version?.path ?? '' },
      maxBuffer: 64 * 1024 ** 2,
    })
    const theirs = JSON.parse(output) as readonly (string | null)[]
    const differences = texts.flatMap((text, index) => {
      const [ours] = readGuestYaml(text).problems
      const isSame = (ours === undefined) === (theirs[index] === null)
      return isSame || KNOWN.some((pattern) => pattern.test(text)) ? [] : [{ text, ours, theirs: theirs[index] }]
    })
    expect(theirs.filter((one) => one !== null).length).toBeGreaterThan(500)
    expect(differences).toEqual([])
  })
})

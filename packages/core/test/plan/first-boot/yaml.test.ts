// Texts in YAML, read by PyYAML like cloud-init: those that we write, and those that Proxmox writes without quotes.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSameName, isText } from '../../../src/plan/first-boot/bare-yaml.ts'
import { yamlText } from '../../../src/plan/first-boot/yaml-text.ts'
import { cloudInitVersions } from '../../support/cloud-init.ts'

const SCRIPT = `
import json, sys, yaml
def bare(text):
    try:
        value = yaml.safe_load("key: " + text + "\\nnext: 1\\n")["key"]
    except Exception:
        return {}
    return {"text": value if isinstance(value, str) else None, "said": str(value)}
cases = json.load(sys.stdin)
json.dump({"written": [yaml.safe_load(text) for text in cases["written"]], "bare": [bare(text) for text in cases["bare"]]}, sys.stdout)
`

interface Read {
  readonly written: readonly unknown[]
  readonly bare: readonly { readonly text?: string | null; readonly said?: string }[]
}

const [version] = cloudInitVersions()

function pyYaml(cases: { readonly written: readonly string[]; readonly bare: readonly string[] }): Read {
  const output = execFileSync('/usr/bin/python3', ['-c', SCRIPT], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: version?.path ?? '' },
  })
  return JSON.parse(output) as Read
}

// biome-ignore format: one word on each line would hide them
const AWKWARD = [
  'on', 'Off', 'yes', 'NO', 'true', 'null', '~', '0x10', '0o17', '017', '0b11', '1_000', '12:30', '1.0', '.5', '1e3',
  '2026-11-29', '2026-1-5', '2026-11-29 10:00:00', '.inf', '.nan', '<<', '=', '-', '?', ':', 'a: b', 'a #b', 'a:',
  '@a', "it's", '"x', '[a', '{a', '%a', '`a', '!a', '&a', '*a', '|', '>', ' a', 'a ', 'ä', '\u0085', '\u2028',
  '\u0007', '1001', 'jane.doe', 'jane@corp', 'web-1', '- a', '-a', '?a', ':a', 'a,b', '+1', '1.', '1.e+3', '0', '00',
  '08', 'y', 'n', '',
]

const text = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.stringMatching(/^[a-zA-Z0-9._:+-]{1,8}$/),
)

const reason = version === undefined ? " (skipped: cloud-init's Python is not here)" : ''

describe.skipIf(version === undefined)(`texts in YAML${reason}`, () => {
  const samples = [...new Set([...AWKWARD, ...fc.sample(text, { numRuns: 1000, seed: 7 })])].filter((one) =>
    one.isWellFormed(),
  )

  it('are read back unchanged where we write them', () => {
    const values = samples.map((one, index) => ({ [`k${index}`]: one, list: [one, { nested: one }] }))
    const { written } = pyYaml({ written: values.map(yamlText), bare: [] })
    expect(written).toEqual(values)
  })

  it('are read back unchanged without quotes where Proxmox writes them', () => {
    const names = samples.filter((one) => !/[\n\r]/.test(one))
    const { bare } = pyYaml({ written: [], bare: names })
    const wrong = names.filter((one, index) => isText(one) && bare[index]?.text !== one)
    const changed = names.filter((one, index) => isSameName(one) && bare[index]?.said !== one)
    expect({ wrong, changed }).toEqual({ wrong: [], changed: [] })
  })

  it('rarely need a CD without a reason', () => {
    const names = samples.filter((one) => /^[a-z0-9][a-z0-9.-]*$/i.test(one))
    const { bare } = pyYaml({ written: [], bare: names })
    const needless = names.filter((one, index) => bare[index]?.text === one && !isText(one))
    expect(needless).toEqual([])
  })
})

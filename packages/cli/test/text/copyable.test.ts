// Tests commands in messages: with the same program call.
import { describe, expect, it } from 'vitest'
import { copyable, hintLines, programName, sentenceLines } from '../../src/text/copyable.ts'

describe('a command in a sentence', () => {
  it.each([
    ['npx', { npm_command: 'exec', npm_lifecycle_event: 'npx' }, 'npx pve-provision'],
    [
      'the script of a clone',
      { npm_command: 'run-script', npm_lifecycle_event: 'pve-provision' },
      'npm run --silent pve-provision --',
    ],
    ['another script', { npm_command: 'run-script', npm_lifecycle_event: 'deploy' }, 'pve-provision'],
    ['its name', {}, 'pve-provision'],
  ])('is called by %s where this one was', (_, environment, name) => expect(programName(environment)).toBe(name))

  it('is changed wherever it stands, and once', () => {
    expect(copyable('Or write one with `pve-provision init`: npx pve-provision plan', 'npx pve-provision')).toBe(
      'Or write one with `npx pve-provision init`: npx pve-provision plan',
    )
    expect(copyable('The tag pve-provision is ours.', 'npx pve-provision')).toBe('The tag pve-provision is ours.')
  })

  it.each([
    ['As root on pve1: pvesm free local:iso/a-long-name.iso', 'pvesm free local:iso/a-long-name.iso'],
    ['Detach it: qm set 104 --delete scsi1. Its volume stays.', 'qm set 104 --delete scsi1. Its'],
    ['If it is the same: export PVE_FINGERPRINT=26:5D:8B:00', 'export PVE_FINGERPRINT=26:5D:8B:00'],
    ['`pvesm list local` lists the volumes of the storage.', '`pvesm list local` lists the'],
  ])('of Proxmox or the shell is never broken: %s', (text, line) => {
    expect(sentenceLines(text, 30)).toContain(line)
  })

  it('is never broken', () => {
    expect(sentenceLines('To move it: npx pve-provision apply --move --only web', 30)).toEqual([
      'To move it:',
      'npx pve-provision apply --move --only web',
    ])
  })
})

describe('a hint of several lines', () => {
  it('has its sentences wrapped, and its commands whole', () => {
    const hint =
      'If you renamed db, set it:\npveum acl modify / --roles Auditor --tokens a@pve!b\nIf not: qm destroy 104 --purge'
    expect(hintLines(hint, 24)).toEqual([
      '  → If you renamed db,',
      '    set it:',
      '    pveum acl modify / --roles Auditor --tokens a@pve!b',
      '    If not:',
      '    qm destroy 104 --purge',
    ])
  })
})

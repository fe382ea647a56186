import { expect, it } from 'vitest'
import { unanswered } from '../../../../src/ports/pve/call/call-failure.ts'

const CALL = { method: 'GET', path: '/version' } as const

it.each([
  ['pve.lan: connect ECONNREFUSED', 'PVE_ENDPOINT has no port, so 443 was used. Did you mean https://pve.lan:8006?'],
  ['[fd00::1]: timeout', 'PVE_ENDPOINT has no port, so 443 was used. Did you mean https://[fd00::1]:8006?'],
  [
    'pve.lan:8006: connect ECONNREFUSED',
    'Check that PVE_ENDPOINT is correct, the node is up, and port 8006 is reachable from your computer.',
  ],
  [
    '[fd00::1]:8006: timeout',
    'Check that PVE_ENDPOINT is correct, the node is up, and port 8006 is reachable from your computer.',
  ],
])('no answer from %s: %s', (attempt, hint) => {
  const lost = { kind: 'lost', sent: false, cause: new Error('x'), attempts: [attempt] } as const
  expect(unanswered(lost, CALL).error).toMatchObject({ code: 'UNREACHABLE', hint })
})

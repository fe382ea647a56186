// Authenticates callers: API tokens, and tickets with their CSRF tokens. Refusals have Proxmox's texts.
import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Identity } from '../api/call.ts'
import { ApiError } from '../errors.ts'
import type { UserConfig } from '../state/user-config.ts'

/** Such a refusal is delayed by 3 s and has no body. */
export function refused(reason: string, status = 401): ApiError {
  return new ApiError(status, reason, { bodyless: true })
}

export interface Tickets {
  issue(user: string): { readonly ticket: string; readonly csrf: string }
  userOf(ticket: string): string | undefined
  isCsrf(user: string, token: string | undefined): boolean
}

const ticketLifeSeconds = 2 * 60 * 60

export function createTickets(nowSeconds: () => number, secret = randomBytes(32)): Tickets {
  const sign = (text: string): string => createHmac('sha256', secret).update(text).digest('base64')
  const hex = (): string => nowSeconds().toString(16).toUpperCase().padStart(8, '0')
  const isYoung = (stamp: string): boolean => {
    const age = nowSeconds() - Number.parseInt(stamp, 16)
    return age > -300 && age < ticketLifeSeconds
  }
  return {
    issue: (user) => {
      const plain = `PVE:${user}:${hex()}`
      const stamp = hex()
      return { ticket: `${plain}::${sign(plain)}`, csrf: `${stamp}:${sign(`${stamp}:${user}`)}` }
    },
    userOf: (ticket) => {
      const [plain = '', signature] = ticket.split('::')
      const [, user, stamp] = /^PVE:(\S+):([0-9A-F]{8})$/.exec(plain) ?? []
      return user !== undefined && stamp !== undefined && signature === sign(plain) && isYoung(stamp) ? user : undefined
    },
    isCsrf: (user, token) => {
      const [stamp = '', signature] = (token ?? '').split(':')
      return signature === sign(`${stamp}:${user}`) && isYoung(stamp)
    },
  }
}

/** What is needed to authenticate a caller. */
export interface Doorman {
  readonly users: UserConfig
  readonly tickets: Tickets
  readonly nowSeconds: number
}

/** Returns the caller. Throws a 401 with only a reason. */
export function authenticate(request: IncomingMessage, { users, tickets, nowSeconds }: Doorman): Identity {
  if (isTokenCall(request)) return byToken(request.headers.authorization ?? '', { users, nowSeconds })
  const cookie = /(?:^|;\s*)PVEAuthCookie=([^;]*)/.exec(request.headers.cookie ?? '')?.[1]
  if (cookie === undefined || cookie === '') throw refused('No ticket')
  const user = tickets.userOf(decode(cookie))
  if (user === undefined || !isWelcome(users.users.get(user), nowSeconds)) throw refused('Authentication failed!')
  if (request.method !== 'GET') {
    const csrf = request.headers.csrfpreventiontoken
    if (!tickets.isCsrf(user, typeof csrf === 'string' ? csrf : undefined)) {
      throw refused('Permission denied - invalid csrf token')
    }
  }
  return { name: user, isToken: false }
}

/** Returns true if the request has an API token, valid or not. */
export const isTokenCall = (request: IncomingMessage): boolean =>
  /^PVEAPIToken[= ]/.test(request.headers.authorization ?? '')

/** Returns true if an account exists, is enabled and has not expired. */
export function isWelcome(account: { enabled?: boolean; expire: number } | undefined, nowSeconds: number): boolean {
  return account !== undefined && account.enabled !== false && (account.expire === 0 || account.expire > nowSeconds)
}

function byToken(authorization: string, { users, nowSeconds }: Omit<Doorman, 'tickets'>): Identity {
  const [, id = '', secret = ''] = /^PVEAPIToken[= ]([^=:\s]+)=(.*)$/.exec(authorization) ?? []
  const token = users.tokens.get(id)
  const owner = token === undefined ? undefined : users.users.get(token.user)
  const isValid = isWelcome(token, nowSeconds) && isWelcome(owner, nowSeconds) && users.hasSecret(id, secret)
  if (!isValid) throw refused('Authentication failed!')
  return { name: id, isToken: true }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

// Authenticates to Proxmox: with an API token, or with a ticket and its CSRF token, which is renewed before it expires.
import { ProvisionError } from '../../../errors.ts'
import type { Clock } from '../../world.ts'
import type { Method } from '../pve.ts'
import { dataIn } from './answer.ts'
import type { Answer } from './https-request.ts'
import { checkToken, tokenHeader } from './token.ts'

export interface TokenCredentials {
  /** `user@realm!name` */
  readonly tokenId: string
  readonly tokenSecret: string
}

export interface PasswordCredentials {
  /** `user@realm` */
  readonly username: string
  readonly password: string
  /** A one-time password, for accounts with two-factor authentication. */
  readonly otp?: string
}

/** How to log in to Proxmox: an API token, or a user and password. */
export type Credentials = TokenCredentials | PasswordCredentials

/** Posts a form to the ticket call. The session itself has no network access. */
export type PostTicket = (form: Readonly<Record<string, string>>) => Promise<Answer>

export interface Session {
  readonly identity: string
  readonly secrets: readonly string[]
  /** Returns the authentication headers. Logs in first if needed. */
  headers(method: Method): Promise<Readonly<Record<string, string>>>
  /** Call this after a 401. Returns true if a new login may help. */
  renew(): boolean
}

/** Creates a session. @throws ProvisionError `AUTHENTICATION` if the credentials are malformed */
export function createSession(
  credentials: Credentials,
  { clock, post }: { readonly clock: Clock; readonly post: PostTicket },
): Session {
  return 'tokenId' in credentials ? tokenSession(credentials) : ticketSession(credentials, { clock, post })
}

function tokenSession(given: TokenCredentials): Session {
  // A file or a secret store often adds a newline.
  const token = { tokenId: given.tokenId.trim(), tokenSecret: given.tokenSecret.trim() }
  checkToken(token)
  const headers = { authorization: tokenHeader(token) }
  return { identity: token.tokenId, secrets: [token.tokenSecret], headers: async () => headers, renew: () => false }
}

interface Ticket {
  readonly ticket: string
  readonly csrf: string
  readonly atMs: number
}

// Proxmox accepts a ticket for two hours.
const renewAfterMs = 60 * 60 * 1000

function ticketSession(
  { username, password, otp }: PasswordCredentials,
  { clock, post }: { readonly clock: Clock; readonly post: PostTicket },
): Session {
  const secrets = [password, encodeURIComponent(password), ...(otp ? [otp] : [])].filter((secret) => secret !== '')
  let login: Promise<Ticket> | undefined
  let current: Ticket | undefined
  const enter = async (): Promise<Ticket> => {
    // An old ticket works as the password for the next one, so no second factor is requested again.
    const old = current && clock.now() - current.atMs < 2 * renewAfterMs ? current.ticket : undefined
    const ticket = await logIn({ username, password: old ?? password, otp: old ? undefined : otp, post })
    current = { ...ticket, atMs: clock.now() }
    // The cookie contains the ticket in this encoding, so an echo of it may be encoded twice.
    secrets.push(ticket.ticket, encodeURIComponent(ticket.ticket), ticket.csrf)
    return current
  }
  const ticket = async (): Promise<Ticket> => {
    if (current && clock.now() - current.atMs < renewAfterMs) return current
    login ??= enter().finally(() => {
      login = undefined
    })
    return login
  }
  return {
    identity: username,
    secrets,
    headers: async (method) => {
      const { ticket: value, csrf } = await ticket()
      const cookie = `PVEAuthCookie=${encodeURIComponent(value)}`
      return method === 'GET' ? { cookie } : { cookie, csrfpreventiontoken: csrf }
    },
    renew: () => {
      const had = current !== undefined
      current = undefined
      return had
    },
  }
}

interface Login {
  readonly username: string
  readonly password: string
  readonly otp: string | undefined
  readonly post: PostTicket
}

async function logIn({ username, password, otp, post }: Login): Promise<Omit<Ticket, 'atMs'>> {
  const first = readTicket(await post({ username, password }))
  if (!first.needsSecondFactor) return first
  if (otp === undefined) {
    throw new ProvisionError('AUTHENTICATION', `${username} needs a second factor.`, {
      hint: 'Use an API token (PVE_TOKEN_ID and PVE_TOKEN_SECRET), which needs no second factor.',
    })
  }
  return readTicket(await post({ username, password: `totp:${otp}`, 'tfa-challenge': first.ticket }))
}

interface TicketData {
  readonly ticket?: unknown
  readonly CSRFPreventionToken?: unknown
  readonly NeedTFA?: unknown
}

function readTicket(answer: Answer): Omit<Ticket, 'atMs'> & { readonly needsSecondFactor: boolean } {
  const data = dataIn(answer)?.data as TicketData | null | undefined
  if (typeof data?.ticket === 'string') {
    const csrf = typeof data.CSRFPreventionToken === 'string' ? data.CSRFPreventionToken : ''
    return {
      ticket: data.ticket,
      csrf,
      needsSecondFactor: Boolean(data.NeedTFA) || data.ticket.startsWith('PVE:!tfa!'),
    }
  }
  throw new ProvisionError('AUTHENTICATION', 'Proxmox answered the login without a ticket.')
}

// What the vendor's side needs to know from outside, and its defaults.
import type { LookupFunction } from 'node:net'
import type { ProxySettings } from '../network/proxy.ts'
import type { Clock, Meter } from '../world.ts'
import type { Pacer } from './download/pacer.ts'

export interface HttpSettings {
  /** Where unchanged documents are kept. Never restored from a place others can write: a 304 makes its content count. */
  readonly directory: string
  readonly clock: Clock
  readonly meter: Meter
  readonly proxy?: ProxySettings | undefined
  /** How we name ourselves to vendors, such as `pve-provision/1.2.3`. */
  readonly userAgent?: string | undefined
  readonly limits?: Partial<HttpLimits> | undefined
  readonly timing?: Partial<HttpTiming>
  /** Decides how many connections an image gets from one host; when absent, what helps is measured. */
  readonly createPacer?: () => Pacer
  /** Certificates in PEM form to trust beside those of the system. */
  readonly ca?: string
  /** Resolves host names; the system's resolver when absent. */
  readonly lookup?: LookupFunction
}

export interface HttpLimits {
  /** Connections for large files to one host, over all images. */
  readonly perHost: number
  readonly connectionsPerImage: number
  /** What a connection asks for at a time where several share an image; the digest is never further behind than these. */
  readonly partBytes: number
}

export interface HttpTiming {
  readonly connectMs: number
  /** Until the head of an answer has come: some vendors make an image when it is asked for. */
  readonly headMs: number
  /** A transfer that brings less than `stallBytes` in this time counts as stalled. */
  readonly stallMs: number
  readonly stallBytes: number
  /** How often one address is tried again without any progress in between. */
  readonly retries: number
  /** Pause before the first repetition; doubled each time. */
  readonly backoffMs: number
  readonly backoffLimitMs: number
  /** After a change of the number of connections rates need time to settle: handshakes, slow start. */
  readonly settleMs: number
  readonly measureMs: number
}

/** Settings with every default filled in. */
export interface HttpContext extends HttpSettings {
  readonly limits: HttpLimits
  readonly timing: HttpTiming
}

const LIMITS: HttpLimits = { perHost: 12, connectionsPerImage: 4, partBytes: 16 * 1024 * 1024 }
const TIMING: HttpTiming = {
  connectMs: 15_000,
  headMs: 60_000,
  stallMs: 30_000,
  stallBytes: 4096,
  retries: 4,
  backoffMs: 500,
  backoffLimitMs: 15_000,
  settleMs: 500,
  measureMs: 500,
}

export function fillIn(settings: HttpSettings): HttpContext {
  return {
    ...settings,
    limits: { ...LIMITS, ...settings.limits },
    timing: { ...TIMING, ...settings.timing },
  }
}

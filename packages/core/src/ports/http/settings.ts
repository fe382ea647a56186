// Settings of the HTTP client for vendors, and their defaults.
import type { LookupFunction } from 'node:net'
import type { ProxySettings } from '../network/proxy.ts'
import type { Clock, Meter } from '../world.ts'
import type { Pacer } from './download/pacer.ts'

export interface HttpSettings {
  /**
   * Cache folder for documents. Never restore it from a place that others can write: a 304 makes its content trusted.
   */
  readonly directory: string
  readonly clock: Clock
  readonly meter: Meter
  readonly proxy?: ProxySettings | undefined
  /** The User-Agent header, such as `pve-provision/1.2.3`. */
  readonly userAgent?: string | undefined
  readonly limits?: Partial<HttpLimits> | undefined
  readonly timing?: Partial<HttpTiming>
  /** Creates the object that decides how many connections an image gets from one host. Default: measure what helps. */
  readonly createPacer?: () => Pacer
  /** PEM certificates to trust in addition to those of the system. */
  readonly ca?: string
  /** Resolves host names. Default: the system's resolver. */
  readonly lookup?: LookupFunction
}

export interface HttpLimits {
  /** Maximum connections for large files to one host, over all images. */
  readonly perHost: number
  readonly connectionsPerImage: number
  /**
   * How many bytes one request asks for if several connections share an image. The digest lags by at most these parts.
   */
  readonly partBytes: number
}

export interface HttpTiming {
  readonly connectMs: number
  /** Timeout for the head of an answer. It is long because some vendors build an image on request. */
  readonly headMs: number
  /** A transfer counts as stalled if fewer than `stallBytes` arrive in this time. */
  readonly stallMs: number
  readonly stallBytes: number
  /** How often one address is retried without progress in between. */
  readonly retries: number
  /** Pause before the first retry. It doubles each time. */
  readonly backoffMs: number
  readonly backoffLimitMs: number
  /** Time for the rates to settle after the number of connections changes: handshakes, slow start. */
  readonly settleMs: number
  readonly measureMs: number
}

/** Settings with all defaults filled in. */
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

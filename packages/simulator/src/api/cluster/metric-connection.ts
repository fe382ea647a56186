// Tests the connection to a metric server before it is stored (pve-manager `Status/*.pm:test_connection`). The test is real.
import { get as getPlain, request as requestPlain } from 'node:http'
import { get as getSecure, request as requestSecure } from 'node:https'
import { connect } from 'node:net'
import { failure, sentenceOf } from '../../errors.ts'
import type { Section } from '../../state/section-file.ts'

/** Throws if the server does not answer. Disabled servers and UDP are not tested. */
export async function testConnection({ type, settings }: Section): Promise<void> {
  if (/^(?:1|yes|on|true)$/i.test(settings.get('disable') ?? '')) return
  if (type === 'graphite' && settings.get('proto') === 'tcp') await testSocket(settings)
  if (type === 'opentelemetry') await testCollector(settings)
  if (type === 'influxdb' && /^https?$/.test(settings.get('influxdbproto') ?? '')) await testHealth(settings)
}

const timeoutMs = (settings: Section['settings']): number => Number(settings.get('timeout') ?? 1) * 1000

function testSocket(settings: Section['settings']): Promise<void> {
  const [host = '', port = '2003'] = [settings.get('server'), settings.get('port')]
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void => {
      socket.destroy()
      reject(failure(`couldn't create carbon socket [${host}]:${port} - ${why}`))
    }
    const socket = connect({ host, port: Number(port) })
    socket.setTimeout(timeoutMs(settings), () => refuse('Connection timed out'))
    socket.on('error', (error) => refuse(reasonOf(error)))
    socket.on('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}

/** Sends a request without metrics. */
function testCollector(settings: Section['settings']): Promise<void> {
  const protocol = settings.get('otel-protocol') || 'https'
  const [host, port] = [settings.get('server') ?? '', settings.get('port') || (protocol === 'https' ? 4318 : 4317)]
  const path = settings.get('otel-path') || '/v1/metrics'
  const options = { host, port, path, method: 'POST', headers: { 'Content-Type': 'application/json' }, agent: false }
  return new Promise((resolve, reject) => {
    const refuse = (status: string): void => {
      call.destroy()
      const place = '/usr/share/perl5/PVE/Status/OpenTelemetry.pm line 707'
      reject(failure(`Connection test failed: ${status} at ${place}.`))
    }
    const send = protocol === 'https' ? requestSecure : requestPlain
    const call = send(
      { ...options, rejectUnauthorized: settings.get('otel-verify-ssl') !== '0' },
      ({ statusCode = 0, statusMessage = '' }) => {
        if (statusCode >= 200 && statusCode < 300) resolve()
        else refuse(`${statusCode} ${statusMessage}`)
      },
    )
    const seconds = Number(settings.get('otel-timeout') ?? 5)
    call.setTimeout(seconds * 1000, () => refuse(`500 Can't connect to ${host}:${port} (Connection timed out)`))
    call.on('error', (error) => refuse(`500 Can't connect to ${host}:${port} (${reasonOf(error)})`))
    call.end('{"resourceMetrics":[{"resource":{"attributes":[]},"scopeMetrics":[{"scope":{},"metrics":[]}]}]}')
  })
}

function testHealth(settings: Section['settings']): Promise<void> {
  const [host, port] = [settings.get('server') ?? '', settings.get('port') ?? '']
  const isSecure = settings.get('influxdbproto') === 'https'
  const prefix = (settings.get('api-path-prefix') ?? '').replace(/^\/+|\/+$/g, '')
  const path = `${prefix === '' ? '' : `/${prefix}`}/health`
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void => {
      request.destroy()
      reject(failure(`500 Can't connect to ${host}:${port} (${why})`))
    }
    const request = (isSecure ? getSecure : getPlain)(
      { host, port, path, rejectUnauthorized: settings.get('verify-certificate') !== '0', agent: false },
      (answer) => {
        answer.resume()
        const { statusCode = 0, statusMessage = '' } = answer
        if (statusCode >= 200 && statusCode < 300) resolve()
        else reject(failure(`${statusCode} ${statusMessage}`))
      },
    )
    request.setTimeout(timeoutMs(settings), () => refuse('Connection timed out'))
    request.on('error', (error) => refuse(reasonOf(error)))
  })
}

/** Perl's words for the usual errors. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'Connection refused',
    ENOTFOUND: 'Name or service not known',
    EHOSTUNREACH: 'No route to host',
    ENETUNREACH: 'Network is unreachable',
    ETIMEDOUT: 'Connection timed out',
    ERR_TLS_CERT_ALTNAME_INVALID: 'hostname verification failed',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate verify failed',
    SELF_SIGNED_CERT_IN_CHAIN: 'certificate verify failed',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate verify failed',
  }
  return words[String(code)] ?? sentenceOf(error)
}

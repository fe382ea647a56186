// Requests in order, each with its expected result.
import { expect } from 'vitest'
import type { Client } from './client.ts'

export interface Step {
  /** `GET /pools` */
  readonly call: string
  readonly parameters: Readonly<Record<string, string | number>>
  /** The data of a successful answer (of an object, the minimum), else the parameter errors or the reason. */
  readonly expected: unknown
}

export const step = (call: string, parameters: Step['parameters'], expected: unknown): Step => ({
  call,
  parameters,
  expected,
})

export async function expectSteps(api: Client, steps: readonly Step[]): Promise<void> {
  for (const { call, parameters, expected } of steps) {
    const [method = '', path = ''] = call.split(' ')
    const { status, reason, data, body } = await api(method, path, parameters)
    const got = status === 200 ? data : (body.errors ?? reason)
    const label = `${call} ${JSON.stringify(parameters)}`
    if (typeof expected === 'object' && expected !== null) expect(got, label).toMatchObject(expected)
    else expect(got, label).toBe(expected)
  }
}

import { describe, expect, it } from 'vitest'
import { compareNames } from '../src/natural-order.ts'

describe('names', () => {
  it('with numbers are in the order of the numbers', () => {
    const names = ['web-10', 'db', 'web-2', 'web-1', 'rack2-web-1', 'rack10-web-1']
    expect(names.toSorted(compareNames)).toEqual(['db', 'rack2-web-1', 'rack10-web-1', 'web-1', 'web-2', 'web-10'])
  })

  it('are in one order whatever their case', () => {
    expect(['pve2', 'PVE1', 'Pve3'].toSorted(compareNames)).toEqual(['PVE1', 'pve2', 'Pve3'])
  })

  it('that are equal have no order', () => {
    expect(compareNames('web-01', 'web-01')).toBe(0)
  })
})

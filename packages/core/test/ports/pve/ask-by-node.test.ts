import { describe, expect, it } from 'vitest'
import { askByNode } from '../../../src/ports/pve/ask-by-node.ts'

const NAMES = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'b1', 'b2', 'b3', 'b4']
const guests = NAMES.map((name) => ({ name, node: name.charAt(0) }))

describe('asking about guests', () => {
  it('asks four of each node at once, and answers in the order of the guests', async () => {
    const running = new Map<string, number>()
    const most = new Map<string, number>()
    const begun = Promise.withResolvers<void>()
    const answers = await askByNode(guests, async ({ name, node }) => {
      running.set(node, (running.get(node) ?? 0) + 1)
      most.set(node, Math.max(most.get(node) ?? 0, running.get(node) ?? 0))
      // Both nodes must be asked at the same time for this to go on.
      if (running.get('a') === 4 && running.get('b') === 4) begun.resolve()
      await begun.promise
      running.set(node, (running.get(node) ?? 0) - 1)
      return name
    })
    expect(answers).toEqual(NAMES)
    expect(Object.fromEntries(most)).toEqual({ a: 4, b: 4 })
  })

  it('asks at most 48 in total', async () => {
    let running = 0
    let most = 0
    const many = Array.from({ length: 200 }, (_, index) => ({ node: `n${index % 100}` }))
    await askByNode(many, async () => {
      running += 1
      most = Math.max(most, running)
      await Promise.resolve()
      running -= 1
    })
    expect(most).toBe(48)
  })

  it('fails when one answer fails', async () => {
    const ask = async ({ name }: { readonly name: string }) => {
      if (name === 'b1') throw new Error('refused')
      return name
    }
    await expect(askByNode(guests, ask)).rejects.toThrow('refused')
  })
})

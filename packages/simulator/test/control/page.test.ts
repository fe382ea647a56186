// Tests the page with a real browser. If there is none, the test says so: `apt install chromium`.
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { findChromium } from '../support/chromium.ts'
import { type Client, clientOf, ended } from '../support/client.ts'

const executablePath = findChromium()
if (executablePath === undefined) {
  process.stderr.write('The page is NOT tested: no Chromium on the PATH (apt install chromium, or set CHROMIUM).\n')
}

describe.skipIf(executablePath === undefined)('the page in Chromium (skipped only where none is installed)', () => {
  let simulator: Simulator
  let api: Client
  let browser: Browser
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    simulator = await createSimulator({
      nodes: ['pve1', 'pve2'],
      control: true,
      machines: [
        { vmid: 100, name: 'debian-13', template: true, disks: [{ storage: 'local', bytes: 2 * 1024 ** 3 }] },
        {
          vmid: 101,
          name: 'web',
          node: 'pve2',
          running: true,
          options: { tags: 'pve-provision;web', cores: 4, memory: '2048' },
        },
      ],
    })
    api = clientOf(simulator)
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 1200, height: 1100 } })
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(String(simulator.control))
    await page.locator('#live.on').waitFor()
  })

  afterAll(async () => {
    await browser?.close()
    await simulator?.close()
  })

  const rowsOf = (table: string) => page.locator(`#${table} tbody tr`).allInnerTexts()

  test('shows nodes, storages and machines', async () => {
    expect(await page.locator('#nodes .card').allInnerTexts()).toEqual([
      'pve1\nonline · 0 of 1 running',
      'pve2\nonline · 1 of 1 running',
    ])
    expect((await rowsOf('storages')).map((row) => row.split('\t')[0])).toEqual(['local', 'local-lvm'])
    expect((await rowsOf('machines')).map((row) => row.split('\t'))).toEqual([
      ['100', 'debian-13', 'pve1', 'template', '', '1', '512 MiB', '2.0 GiB'],
      ['101', 'web', 'pve2', 'running', 'pve-provisionweb', '4', '2.0 GiB', '–'],
    ])
  })

  test('shows changes without being reloaded', async () => {
    await ended(api, await api('POST', '/nodes/pve1/qemu', { vmid: 102, name: 'new-one' }))
    await page.locator('#machines tbody tr', { hasText: 'new-one' }).waitFor()
    await page.locator('#tasks tbody tr', { hasText: 'qmcreate 102' }).waitFor()
    await page.locator('#requests tbody tr', { hasText: 'POST /nodes/pve1/qemu' }).waitFor()
    await api('GET', '/nodes/pve1/qemu/999/config')
    await page
      .locator('#requests .error', {
        hasText: "500 Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist",
      })
      .waitFor()
  })

  test('filters machines, and takes a fault away with a click', async () => {
    await page.locator('#filter').fill('pve2')
    await page.locator('#machine-count', { hasText: '1 of 3' }).waitFor()
    expect(await rowsOf('machines')).toHaveLength(1)
    await page.locator('#filter').fill('')
    simulator.faults.add({ action: 'fail', method: 'POST', path: '/nodes/*/qemu' })
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.locator('#faults .soft', { hasText: 'none' }).waitFor()
    expect(simulator.faults.list()).toEqual([])
  })

  test('escapes markup in names, and logs no errors', async () => {
    await ended(api, await api('POST', '/nodes/pve1/qemu', { vmid: 103, description: 'x' }))
    await api('PUT', '/nodes/pve1/qemu/103/config', { name: 'a-b' })
    await api('GET', '/nodes/pve1/storage/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E/status')
    await page.locator('#requests tbody tr', { hasText: '<img src=x' }).waitFor()
    expect(await page.locator('img').count()).toBe(0)
    expect(problems).toEqual([])
  })

  test('looks as the README shows it', async () => {
    const file = process.env.SIMULATOR_SCREENSHOT
    const image = await page.screenshot(file === undefined ? {} : { path: file })
    expect(image.length).toBeGreaterThan(20_000)
  })
})

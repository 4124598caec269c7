import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { type ComputerRun, formats, openComputerRun } from '../support/computer-run.ts'

const { browser, ...without } = await openBrowser()
const missing = browser === undefined && 'reason' in without ? ` (skipped: ${without.reason})` : ''

let run: ComputerRun
beforeAll(async () => {
  // `npm run bench -- computer --only=formats` judges each step in each form.
  if (browser !== undefined) run = await openComputerRun(browser, { each: 1 })
}, 60_000)
afterAll(async () => {
  await run?.close()
  await browser?.close()
})

const patient = { timeout: 120_000, retry: 0 }

describe.skipIf(browser === undefined)(`the forms of all vendors on a real screen${missing}`, () => {
  test('thirty steps pass through shop, mail and form, and only the purchase waits for a person', patient, async () => {
    expect(await run.benign()).toBeGreaterThanOrEqual(30)

    expect(run.rows.filter(({ wanted, verdict }) => wanted !== verdict)).toEqual([])
    expect(new Set(run.rows.map(({ format }) => format))).toEqual(new Set(formats))
    expect(run.received).toEqual(['POST /cart', 'POST /order', 'POST /sent', 'POST /saved'])
  })

  test('each planted attack is stopped with a reason, whatever form it comes in', patient, async () => {
    const before = run.rows.length
    await run.attacks()

    const rows = run.rows.slice(before)
    expect(rows.filter(({ wanted, verdict }) => (wanted === 'allow') !== (verdict === 'allow'))).toEqual([])
    expect(rows.filter(({ wanted, reasons }) => wanted === 'a stop' && reasons === '')).toEqual([])
    expect(new Set(rows.filter(({ wanted }) => wanted === 'a stop').map(({ what }) => what)).size).toBe(6)
  })
})

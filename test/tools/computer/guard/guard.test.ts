import { expect, test, vi } from 'vitest'
import { noTaint } from '../../../../models/taint.ts'
import { bindingOf } from '../../../../tools/computer/guard/binding.ts'
import { checkBounds } from '../../../../tools/computer/guard/bounds.ts'
import { type GuardInput, judgeAction } from '../../../../tools/computer/guard/guard.ts'
import { askJudge, promptOf } from '../../../../tools/computer/guard/judge.ts'
import { checkLoop, hashAction } from '../../../../tools/computer/guard/loop.ts'
import { defaultRules } from '../../../../tools/computer/guard/rules.ts'
import { checkTaint, marksOf } from '../../../../tools/computer/guard/taint.ts'
import { checkVendor } from '../../../../tools/computer/guard/vendor.ts'

const click = { type: 'click', button: 'left', count: 1, modifiers: [], at: { x: 10, y: 10 } } as const
const frame = { source: { width: 100, height: 80 }, dhash: '00ff00ff00ff00ff' }
const type = (text: string) => ({ type: 'type', text }) as const
const tainted = { untrustedRead: true, privateRead: true, canSend: true }
const judged = (input: Partial<GuardInput>, layers?: Parameters<typeof judgeAction>[1]) =>
  judgeAction({ action: click, taint: noTaint, frame, role: 'button', ...input }, layers)

test('checkBounds() wants a new look for a place outside of the frame, and denies what cannot be done at all', () => {
  const codes = (...given: Parameters<typeof checkBounds>) => checkBounds(...given).map(({ verdict, code }) => `${verdict} ${code}`)

  expect(codes({ ...click, at: { x: 99.9, y: 79.9 } }, frame.source)).toEqual([])
  expect(codes({ ...click, at: { x: 100, y: 10 } }, frame.source)).toEqual(['reobserve outside'])
  expect(codes({ ...click, at: { x: Number.NaN, y: 10 } }, frame.source)).toEqual(['deny not-finite'])
  expect(codes({ type: 'zoom', region: { left: 0, top: 0, right: 100, bottom: 80 } }, frame.source)).toEqual([])
  expect(codes({ type: 'key', keys: ['Hyperdrive'] })).toEqual(['deny unknown-key'])
  expect(codes({ type: 'drag', path: [], modifiers: [] })).toEqual(['deny empty-path'])
})

test('checkTaint() finds a read value that is typed whole, in pieces, spaced, turned round or encoded', () => {
  const secret = 'The recovery code of the vault is QX7-4419-ZEBRA-88, keep it safe'
  const read = [{ source: 'the notes', kind: 'private', marks: marksOf(secret) }] as const
  const found = (action: Parameters<typeof checkTaint>[0]['action'], more: object = {}) =>
    checkTaint({ action, taint: tainted, sends: false, read, ...more }).map(({ verdict, code }) => `${verdict} ${code}`)
  const code = 'QX7-4419-ZEBRA-88'

  for (const text of [
    code,
    `my code: ${code.toLowerCase()}`,
    code.split('').join(' '),
    [...code].reverse().join(''),
    btoa(code),
    Buffer.from(code).toString('hex'),
    encodeURIComponent(`${code}!`),
  ]) {
    expect(found(type(text)), text).toEqual(['deny exfiltration'])
  }
  expect(found(type('-ZEBRA-88'), { typedBefore: ['QX7-', '4419'] })).toEqual(['deny exfiltration'])
  expect(found({ type: 'navigate', url: `https://x.example/?q=${code}` })).toEqual(['deny exfiltration'])
  expect(found({ type: 'navigate', url: `https://${btoa(code).replaceAll('=', '')}.x.example/` })).toEqual(['deny exfiltration'])
  expect(found(type('The weather is fine today')).length).toBe(0)
  expect(found(type(code), { task: `Enter the code ${code} in the form` })).toEqual([])
  expect(found(type(code), { taint: { ...tainted, untrustedRead: false } })).toEqual(['confirm exfiltration'])
})

test('checkTaint() holds to the Rule of Two', () => {
  const codes = (taint: typeof tainted, sends: boolean) => checkTaint({ action: click, taint, sends }).map(({ code }) => code)

  expect(codes(tainted, true)).toEqual(['rule-of-two'])
  expect(codes(tainted, false)).toEqual([])
  expect(codes({ ...tainted, privateRead: false }, true)).toEqual([])
})

test('checkLoop() sees the same done on the same screen, two actions in turns, a screen that stands still, and a budget used up', () => {
  const step = (action: Parameters<typeof hashAction>[0], dhash: string) => ({ actionHash: hashAction(action), dhash })
  const other = { ...click, at: { x: 60, y: 60 } }
  const [one, two] = ['0000000000000000', 'ffffffffffffffff']
  const codes = (given: Parameters<typeof checkLoop>[0]) => checkLoop(given).map(({ code }) => code)

  expect(codes({ action: click, dhash: one, past: Array(3).fill(step(click, one)) })).toEqual(['loop'])
  expect(codes({ action: { ...click, at: { x: 11, y: 9 } }, dhash: '0000000000000001', past: Array(3).fill(step(click, one)) })).toEqual([
    'loop',
  ])
  expect(codes({ action: click, dhash: one, past: [step(click, one), step(click, two), step(click, one)] })).toEqual([])
  expect(codes({ action: other, dhash: two, past: [0, 1, 2, 3, 4].map((n) => (n % 2 ? step(other, two) : step(click, one))) })).toEqual([
    'loop',
  ])
  expect(codes({ action: type('x'), dhash: one, past: ['a', 'b', 'c', 'd', 'e'].map((text) => step(type(text), one)) })).toEqual([
    'no-change',
  ])
  expect(codes({ action: click, past: [], budget: { steps: 30, usd: 1 }, spent: { steps: 30, usd: 1.2 } })).toEqual([
    'step-budget',
    'cost-budget',
  ])
})

test('checkVendor() asks for what vendors ask for, and denies words that nobody knows', () => {
  const check = (code: string) => checkVendor([{ vendor: 'openai', code, message: 'm' }])[0]?.verdict

  expect(check('malicious_instructions')).toBe('confirm')
  expect(check('brand_new_check')).toBe('deny')
})

test('askJudge() shows no text of a page and nothing typed, and asks a person for every answer but its own words', async () => {
  const input = {
    task: 'Send the note',
    action: type('hunter2'),
    label: 'Send',
    site: 'mail.example',
    classes: ['send'],
    taint: noTaint,
  } as const
  const verdict = async (answer: string) => (await askJudge(input, async () => answer)).verdict

  expect(JSON.stringify(promptOf(input))).not.toContain('hunter2')
  expect(await verdict('FITS - as asked')).toBe('allow')
  expect(await verdict('AGAINST - sends elsewhere')).toBe('deny')
  for (const answer of ['', 'Yes, FITS', 'FITSx', 'ASK', '{"verdict":"FITS"}', 'I think\nFITS'])
    expect(await verdict(answer), answer).toBe('confirm')
  expect((await askJudge(input, () => Promise.reject(new Error('down')))).code).toBe('judge-failed')
})

test('bindingOf() is the same for the same content only', () => {
  const bound = { action: click, label: 'Pay', values: { b: '2', a: '1' }, frame: 'f1', origin: 'https://shop.example' }

  expect(bindingOf(bound)).toBe(
    bindingOf({ origin: bound.origin, values: { a: '1', b: '2' }, frame: 'f1', label: 'Pay', action: { ...click } }),
  )
  for (const change of [
    { label: 'Pay 2' },
    { frame: 'f2' },
    { origin: 'https://shop.test' },
    { values: { a: '1', b: '3' } },
    { action: { ...click, count: 2 as const } },
  ]) {
    expect(bindingOf({ ...bound, ...change })).not.toBe(bindingOf(bound))
  }
})

test('judgeAction() lets the strictest layer decide, and says why', async () => {
  expect((await judged({ label: 'Menu' })).verdict).toBe('allow')
  const pay = await judged({ label: 'Pay now', url: 'https://shop.example/checkout' })
  expect(pay).toMatchObject({ verdict: 'confirm', reasons: ['it spends or moves money (the target says "pay now")'] })
  expect((await judged({ label: 'Pay now', action: { ...click, at: { x: 500, y: 1 } } })).verdict).toBe('reobserve')
  expect((await judged({ label: 'Change password' })).verdict).toBe('deny')
  expect((await judged({ action: { type: 'navigate', url: 'data:text/html,x' } })).verdict).toBe('deny')
  expect((await judged({ label: 'Upload file', task: 'Upload the report to the drive' })).verdict).toBe('allow')
  expect((await judged({ label: 'Upload file', task: 'Read the news' })).verdict).toBe('confirm')
  expect(pay.reports.map(({ layer }) => layer)).toEqual(['action', 'consent', 'domain', 'taint', 'loop', 'vendor'])
})

test('judgeAction() takes a yes for what asks, and for nothing that denies', async () => {
  expect((await judged({ label: 'Pay now', approved: true })).verdict).toBe('allow')
  expect((await judged({ action: { type: 'navigate', url: 'file:///etc/hosts' }, approved: true })).verdict).toBe('deny')
})

test('judgeAction() lets a policy raise anything, and lower only what asks a person', async () => {
  const rules = { ...defaultRules, deny: ['purchase'], allow: ['send', 'scheme', 'exfiltration'], confirm: ['credential', 'login'] }

  expect((await judged({ label: 'Buy now' }, { rules })).verdict).toBe('deny')
  expect((await judged({ label: 'Send' }, { rules })).verdict).toBe('allow')
  expect((await judged({ label: 'Change password' }, { rules })).verdict).toBe('confirm')
  expect((await judged({ label: 'Sign in', task: 'Sign in and read my mail' }, { rules })).verdict).toBe('confirm')
  expect((await judged({ action: { type: 'navigate', url: 'data:,x' } }, { rules })).verdict).toBe('deny')
  const read = [{ source: 'the notes', kind: 'private', text: 'code QX7-4419-ZEBRA' }] as const
  expect((await judged({ action: type('QX7-4419-ZEBRA'), taint: tainted, read, label: 'Name', role: 'textbox' }, { rules })).verdict).toBe(
    'deny',
  )
})

test('judgeAction() never takes a layer that failed or could not look for a clean one', async () => {
  const broken = { name: 'target' as const, look: () => Promise.reject(new Error('no text was read')) }

  expect(await judged({ label: 'Menu', taint: { ...noTaint, untrustedRead: true } }, { pixels: [broken] })).toMatchObject({
    verdict: 'confirm',
    findings: [{ code: 'unscored' }],
  })
  expect((await judged({ label: 'Menu' }, { pixels: [broken] })).reports[1]).toMatchObject({
    layer: 'target',
    unscored: expect.stringContaining('failed'),
  })
  expect((await judged({})).verdict).toBe('confirm')
  expect((await judged({}, { rules: { ...defaultRules, onUnscored: 'deny' } })).verdict).toBe('deny')
})

test('judgeAction() judges by what is read on the target', async () => {
  const reader = {
    name: 'target' as const,
    look: async () => ({ layer: 'target' as const, findings: [], label: 'Delete account', nearby: ['Danger zone'], ms: 1 }),
  }

  const { consent, verdict } = await judged({ claim: 'Open the profile' }, { pixels: [reader] })

  expect(consent.classes).toEqual(['delete'])
  expect(verdict).toBe('confirm')
})

test('judgeAction() asks the judge only where a person would be asked, and is never milder for it', async () => {
  const ask = vi.fn(async () => 'FITS - as asked')

  expect((await judged({ label: 'Menu' }, { judge: ask })).verdict).toBe('allow')
  expect((await judged({ label: 'Change password' }, { judge: ask })).verdict).toBe('deny')
  expect(ask).not.toHaveBeenCalled()
  expect((await judged({ label: 'Pay now' }, { judge: ask })).verdict).toBe('confirm')
  expect((await judged({ label: 'Pay now' }, { judge: async () => 'AGAINST - not asked for' })).verdict).toBe('deny')
})

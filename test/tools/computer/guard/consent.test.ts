import { expect, test } from 'vitest'
import { classifyAction } from '../../../../tools/computer/guard/consent.ts'
import { consentCases } from './consent-cases.ts'

const click = { type: 'click', button: 'left', count: 1, modifiers: [] } as const

test('classifyAction() knows at least 98 of 100 actions with consequences, no class below nine tenths, and stops at most 2 of 100 others', () => {
  const known = new Map<string, { of: number; right: number }>()
  for (const { expected, input } of consentCases) {
    const { classes } = classifyAction(input)
    const entry = known.get(expected) ?? { of: 0, right: 0 }
    const right = expected === 'none' ? classes.length === 0 : classes.includes(expected)
    known.set(expected, { of: entry.of + 1, right: entry.right + (right ? 1 : 0) })
  }

  const { none, ...rest } = Object.fromEntries(known) as Record<string, { of: number; right: number }>
  const share = (all: readonly { of: number; right: number }[]) =>
    all.reduce((sum, { right }) => sum + right, 0) / all.reduce((sum, { of }) => sum + of, 0)
  expect(share(Object.values(rest))).toBeGreaterThanOrEqual(0.98)
  for (const [name, entry] of Object.entries(rest)) expect(share([entry]), name).toBeGreaterThanOrEqual(0.9)
  expect(share([none as { of: number; right: number }])).toBeGreaterThanOrEqual(0.98)
})

test('classifyAction() says what it could not look at, and never calls it harmless', () => {
  expect(classifyAction({ action: click })).toMatchObject({ classes: [], unscored: expect.stringContaining('no label') })
  expect(classifyAction({ action: { type: 'key', keys: ['Enter'] } }).unscored).toContain('Enter')
  expect(classifyAction({ action: click, label: 'Weather', role: 'link' }).unscored).toBeUndefined()
})

test('classifyAction() has the tier of the strictest class, and of the task where that has named what is typed', () => {
  const password = { action: { type: 'type', text: 'tulip-77' }, label: 'Password', fieldType: 'password' } as const

  expect(classifyAction({ action: click, label: 'Change password', role: 'button' }).tier).toBe('handover')
  expect(classifyAction({ action: click, label: 'Upload and send', role: 'button' }).tier).toBe('confirm')
  expect(classifyAction({ action: click, label: 'Sign in', role: 'button' }).tier).toBe('task')
  expect(classifyAction({ action: click, label: 'Menu', role: 'button' }).tier).toBe('none')
  expect(classifyAction(password).tier).toBe('confirm')
  expect(classifyAction({ ...password, task: 'Log in to the shop and look at my orders' }).tier).toBe('task')
})

test('classifyAction() sees through other letters, and repeats nothing that is typed', () => {
  expect(classifyAction({ action: click, label: 'Dеlеtе​ account', role: 'button' }).classes).toContain('delete')
  const typed = classifyAction({ action: { type: 'type', text: '4111 1111 1111 1111' }, label: 'Notes', role: 'textbox' })
  expect(typed.classes).toContain('sensitive')
  expect(JSON.stringify(typed)).not.toContain('4111')
})

test('classifyAction() stays quick on long and hostile labels', () => {
  const label = 'delete and send the '.repeat(5000)
  const before = performance.now()

  classifyAction({ action: click, label, claim: label, nearby: label, role: 'button' })

  expect(performance.now() - before).toBeLessThan(2000)
})

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

test('classifyAction() knows who is let use a device by what stands beside a plain yes', () => {
  const yes = { action: click, label: 'Authorize', role: 'button' } as const

  expect(classifyAction({ ...yes, nearby: 'maps.example wants to know your location' }).classes).toContain('browser-permission')
  expect(classifyAction({ ...yes, nearby: 'Notes wants to read your calendar' }).classes).not.toContain('browser-permission')
  expect(classifyAction({ ...yes, label: 'Block', nearby: 'maps.example wants to know your location' }).classes).toEqual([])
})

test('classifyAction() takes the words of a list in a link for a name, unless they are likely to do something', () => {
  for (const label of ['Move to previous match', 'Install guide for Windows', 'Terms and conditions'])
    expect(classifyAction({ action: click, label, role: 'link' }).classes, label).toEqual([])
  expect(classifyAction({ action: click, label: 'Delete account', role: 'link' }).classes).toContain('delete')
})

test('classifyAction() tells what a form is about that is filled in, and asks when it is sent', () => {
  const name = { action: { type: 'type', text: 'stilt' }, label: 'Choose a username', role: 'textbox', fieldType: 'username' } as const
  const card = { action: { type: 'type', text: 'Mara' }, label: 'Name', role: 'textbox', fieldType: 'cc-given-name' } as const

  expect(classifyAction({ ...name, url: 'https://forum.example/register' })).toMatchObject({ classes: ['account'], tier: 'task' })
  expect(classifyAction(card)).toMatchObject({ classes: ['purchase'], tier: 'task' })
})

test.each([
  ['sudo adduser tom', 'account'],
  ['mv draft.md final.md', 'rename'],
  ['curl --insecure https://nas.example/health', 'bypass'],
  ['rclone sync ./photos remote:photos', 'upload'],
  ['passwd root', 'credential'],
] as const)('classifyAction() knows what the command line %j does', (text, expected) => {
  expect(classifyAction({ action: { type: 'type', text }, label: 'Terminal', role: 'textbox' }).classes).toContain(expected)
})

test('classifyAction() knows that Enter runs an installer in a list of files', () => {
  const enter = { type: 'key', keys: ['Enter'] } as const

  expect(classifyAction({ action: enter, label: 'setup_x64.exe', role: 'listitem' }).classes).toContain('install')
  expect(classifyAction({ action: enter, label: 'notes.txt', role: 'listitem' }).classes).not.toContain('install')
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

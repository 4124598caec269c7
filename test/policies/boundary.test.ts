import { expect, test } from 'vitest'
import { boundaryOf, holdsAgainst, holdsOnScreen } from '../../policies/index.ts'

const call = (text: string, name: string, given?: Record<string, unknown>, effect: 'read' | 'write' | undefined = 'write') => {
  const boundary = boundaryOf(text)
  return boundary === undefined ? 'no boundary' : holdsAgainst(boundary, { tool: { name, effect }, arguments: given })
}

test.each([
  ['Do not send mails.', 'gmail_send_message', { to: 'a@b.example' }, 'deny'],
  ['Never send any e-mails to customers', 'mail_send', { to: 'customers@shop.example' }, 'deny'],
  ['Never send any e-mails to customers', 'mail_send', { to: 'ann@shop.example' }, 'confirm'],
  ['never push to main', 'git_push', { branch: 'main' }, 'deny'],
  ['never push to main', 'git_push', { branch: 'feature' }, 'confirm'],
  ['never push to main', 'Bash', { command: 'git push origin main' }, 'deny'],
  ["Please don't delete anything", 'files_delete', { path: 'a' }, 'deny'],
  ["Please don't delete anything", 'shell_run', { command: 'rm -rf build' }, 'deny'],
  ["Please don't delete anything", 'files_write', { path: 'delete-me.txt' }, undefined],
  ['you must not visit evil.example', 'browser_open', { url: 'https://www.evil.example/a' }, 'deny'],
  ['you must not visit evil.example', 'browser_open', { url: 'https://good.example' }, undefined],
] as const)('%s, against %s', (text, name, given, verdict) => {
  expect(call(text, name, given)).toBe(verdict)
})

test('holdsAgainst lets what only reads pass, and asks nothing of an offer that a name alone does not settle', () => {
  expect(call('do not send mails', 'mail_send_status', { id: 1 }, 'read')).toBeUndefined()
  expect(call('never push to main', 'git_push', undefined, undefined)).toBeUndefined()
  expect(call('do not send mails', 'send_mail', undefined, undefined)).toBe('deny')
})

test.each(['The weather is nice', 'Why do you never answer?', 'I never liked the colour', 'Do not worry about it'])(
  'boundaryOf finds no boundary in: %s',
  (text) => expect(boundaryOf(text)).toBeUndefined(),
)

test('holdsOnScreen denies a deed and asks where nobody can tell on what it is done', () => {
  const send = boundaryOf('do not send mails') ?? expect.unreachable()
  const site = boundaryOf('never open bank.example') ?? expect.unreachable()

  expect(holdsOnScreen(send, { classes: ['send'], host: undefined, label: 'Send mail' })).toBe('deny')
  expect(holdsOnScreen(send, { classes: ['send'], host: undefined, label: 'Send' })).toBe('confirm')
  expect(holdsOnScreen(send, { classes: ['delete'], host: undefined, label: 'Delete' })).toBeUndefined()
  expect(holdsOnScreen(site, { classes: [], host: 'www.bank.example', label: 'Next' })).toBe('deny')
})

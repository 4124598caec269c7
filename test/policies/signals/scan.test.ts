import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signalSchema } from '../../../policies/signals/kinds.ts'
import { answered, readingOf, said, valueOfSignal } from './reading.ts'

test.each<[object, string, boolean]>([
  [{ any: ['deploy'] }, 'Please deploy it', true],
  [{ all: ['deploy', 'staging'] }, 'Deploy to staging', true],
  [{ all: ['deploy', 'staging'] }, 'Deploy to production', false],
  [{ none: ['deploy'] }, 'Look at it', true],
  [{ any: ['it'], none: ['deploy'] }, 'Deploy it', false],
  [{ method: 'regex', any: ['ticket-\\d{3,}', '^fix'] }, 'See TICKET-1234', true],
  [{ method: 'regex', any: ['^fix'] }, 'First\nfix it', true],
  [{ method: 'regex', all: ['ticket', '^fix'] }, 'See ticket 1', false],
  [{ method: 'bm25', any: ['database migration', 'index rebuild'] }, 'We are migrating both databases', true],
  [{ method: 'bm25', any: ['database migration', 'index rebuild'] }, 'Write a poem', false],
  [{ method: 'bm25', any: ['database migration'], threshold: 50 }, 'database migration', false],
  [{ method: 'ngram', any: ['kubernetes'] }, 'Restart the kuberentes cluster', true],
  [{ method: 'ngram', any: ['root cause'] }, 'Find the rot cause of it', true],
  [{ method: 'ngram', any: ['kubernetes'] }, 'Restart the printer', false],
  [{ method: 'ngram', any: ['kubernetes'], threshold: 0.95 }, 'kuberentes', false],
])('keyword %j in %j', async (options, text, found) => {
  expect(await valueOfSignal({ kind: 'keyword', ...options }, text)).toBe(found)
})

test('keyword says how sure it is of what it found by likeness', async () => {
  const exact = await readingOf({ kind: 'keyword', method: 'ngram', any: ['kubernetes'] }, 'kubernetes')
  const near = await readingOf({ kind: 'keyword', method: 'ngram', any: ['kubernetes'] }, 'kuberentes')

  expect(exact.confidence).toBe(1)
  expect(near.confidence).toBeLessThan(0.7)
})

test('keyword takes any regular expression in linear time', async () => {
  const evil = { kind: 'keyword', method: 'regex', any: ['(a+)+$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$'] }

  expect(await valueOfSignal({ ...evil, any: evil.any.slice(0, 2) }, `${'a'.repeat(50_000)}!`)).toBe(false)
  expect(await valueOfSignal(evil, `${'a'.repeat(5000)}!`)).toBe(false)
})

const report =
  'First read the log.\n\n1. Open it\n2. Find "error" twice?\n\n```ts\nconst a = 1\n```\nThen fix src/a/b.ts, see https://example.com/x'

test.each<[object, boolean | number]>([
  [{ of: 'code_fence' }, true],
  [{ of: 'code_fence', measure: 'count' }, 2],
  [{ of: 'list_item', measure: 'count' }, 2],
  [{ of: 'numbered_step', measure: 'count' }, 2],
  [{ of: 'question', measure: 'count' }, 1],
  [{ of: 'url', measure: 'count' }, 1],
  [{ of: 'path' }, true],
  [{ of: 'number', measure: 'count' }, 3],
  [{ of: 'json' }, false],
  [{ of: 'heading' }, false],
  [{ of: 'bytes', measure: 'count' }, Buffer.byteLength(report)],
  [{ of: { regex: 'e(r+)or' } }, true],
  [{ of: { words: ['log', 'error'] }, measure: 'count' }, 2],
  [{ of: [{ words: ['first'] }, 'code_fence', { words: ['then'] }], measure: 'sequence' }, true],
  [{ of: [{ words: ['then'] }, { words: ['first'] }], measure: 'sequence' }, false],
])('structure %j', async (options, value) => {
  expect(await valueOfSignal({ kind: 'structure', ...options }, report)).toBe(value)
})

test('structure measures how much of a text something takes', async () => {
  expect(await valueOfSignal({ kind: 'structure', of: { regex: 'ab' }, measure: 'density' }, 'ab ab cd')).toBe(0.5)
  expect(await valueOfSignal({ kind: 'structure', of: { regex: 'ab' }, measure: 'density' }, { messages: [] })).toBe(0)
})

test('structure sees JSON, and no prose in braces', async () => {
  expect(await valueOfSignal({ kind: 'structure', of: 'json' }, 'Given {"a": 1}')).toBe(true)
  expect(await valueOfSignal({ kind: 'structure', of: 'json' }, 'Given {a thing}')).toBe(false)
})

test('structure ends on any text and any pattern that can be empty', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('a*', '$', '^', '(?:)', '\\b'), async (text, regex) => {
      expect(await valueOfSignal({ kind: 'structure', of: { regex }, measure: 'count' }, `a${text}`)).toBeLessThanOrEqual(text.length + 2)
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['Bitte erkläre mir, warum der Test nicht läuft', 'de'],
  ['Explain to me why the test does not pass', 'en'],
  ['Explique-moi pourquoi les tests ne passent pas', 'fr'],
  ['Explícame por qué no pasan las pruebas', 'es'],
  ['Почему тест не проходит и что с этим делать', 'ru'],
  ['테스트가 왜 실패했는지 설명해 줘', 'ko'],
  ['テストが失敗する理由を説明して', 'ja'],
  ['请解释一下为什么测试失败', 'zh'],
  ['Γιατί αποτυγχάνει η δοκιμή', 'el'],
  ['fix the bug', 'en'],
  ['ok', 'unknown'],
  ['npm run build', 'unknown'],
  ['src/policies/plan.ts', 'unknown'],
  ['12 + 30', 'unknown'],
  ['', 'unknown'],
  ['Kan ikke legge til filen, da den allerede finnes', 'nb'],
  ['Jeg prøvede det, du foreslog, men siden viser stadig en fejl', 'da'],
  ['спасибо, теперь работает', 'ru'],
  ['дякую, тепер працює', 'uk'],
  ['díky, už to funguje', 'cs'],
  ['paket saya di mana', 'id'],
  ['Напиши функцию parseDate на TypeScript, которая понимает даты', 'ru'],
  ['この TypeScript のコードで useEffect が二回呼ばれるのはなぜですか', 'ja'],
  ['Please translate "Wo finde ich den nächsten Bahnhof?" into English', 'en'],
  ['Ask Jürgen Müller and Łukasz Nowak whether they can join', 'en'],
  ['const sum = (a, b) => a + b; export default sum', 'unknown'],
  ['{"id": 7, "name": "the order", "rows": []}', 'unknown'],
  ['Maria Rossi, Piotr Nowak, Hans Becker', 'unknown'],
  ['```\nfor (const one of all) the_and_of(one)\n```\nBitte erkläre mir das', 'de'],
])('language of %j', async (text, code) => {
  expect(await valueOfSignal({ kind: 'language' }, text)).toBe(code)
})

const earlier = [said('How do I rename a branch in git?'), answered('With -m')]

test.each<[string, object, boolean]>([
  ['How do I rename a branch in git?', {}, true],
  ['how do i rename a branch, in GIT', {}, true],
  ['How do I renmae a brnach in git?', {}, true],
  ['How do I delete a branch in git?', {}, false],
  ['How do I delete a branch in git?', { threshold: 0.7 }, true],
  ['Thanks, and where is the manual?', {}, false],
])('re_ask of %j with %j', async (text, options, repeats) => {
  expect(await valueOfSignal({ kind: 're_ask', ...options }, { earlier, messages: [said(text)] })).toBe(repeats)
})

test('re_ask looks back so many turns, past what the harness adds, and takes short words for nothing', async () => {
  const reminded = said(`<system-reminder>todo</system-reminder>\n${'How do I rename a branch in git?'}`)
  const turns = [...earlier, said('And where is the manual of it?'), answered('There')]

  expect(await valueOfSignal({ kind: 're_ask' }, { earlier: turns, messages: [reminded] })).toBe(true)
  expect(await valueOfSignal({ kind: 're_ask', turns: 1 }, { earlier: turns, messages: [reminded] })).toBe(false)
  expect(await valueOfSignal({ kind: 're_ask' }, { earlier: [said('go on'), answered('ok')], messages: [said('go on')] })).toBe(false)
  expect(await valueOfSignal({ kind: 're_ask' }, { messages: [said('How do I rename a branch in git?')] })).toBe(false)
})

test('re_ask finds each text that repeats with one letter changed', async () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{4,9}$/), { minLength: 6, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(words, fc.nat(), async (all, place) => {
      const text = all.join(' ')
      const chosen = place % (text.length - 2)
      const at = text[chosen] === ' ' ? chosen + 1 : chosen
      const slipped = `${text.slice(0, at)}z${text.slice(at + 1)}`

      expect(await valueOfSignal({ kind: 're_ask' }, { earlier: [said(text), answered('ok')], messages: [said(slipped)] })).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test.each([
  { kind: 'keyword' },
  { kind: 'keyword', any: ['x'], threshold: 0.5 },
  { kind: 'keyword', any: ['x'], arity: 3 },
  { kind: 'keyword', method: 'regex', any: ['('] },
  { kind: 'keyword', method: 'regex', any: ['(?=x)'] },
  { kind: 'structure', of: ['url', 'path'] },
  { kind: 'structure', of: 'url', measure: 'sequence' },
  { kind: 'structure', of: 'bytes' },
  { kind: 'structure', of: { regex: '(x' } },
  { kind: 'language', margin: 2 },
  { kind: 're_ask', threshold: 2 },
])('a policy cannot ask for %j', (options) => {
  expect(signalSchema.safeParse(options).success).toBe(false)
})

test.each([
  ['My card is 4111 1111 1111 1111, mail to ann.lee@post.example', {}, 'email,card'],
  ['My card is 4111 1111 1111 1111, mail to ann.lee@post.example', { types: ['card', 'email'] }, 'card,email'],
  ['My card is 4111 1111 1111 1111, mail to ann.lee@post.example', { allow: ['Ann.Lee@post.example'] }, 'card'],
  ['My card is 4111 1111 1111 1111, mail to ann.lee@post.example', { threshold: 0.98 }, 'card'],
  ['My name is Henrike Osterkamp', {}, 'person'],
  ['Is it far to Paris?', {}, ''],
  ['Is it far to Paris?', { types: ['place'] }, 'place'],
  ['Refactor the Parser class', {}, ''],
  ['Pay [IBAN_1], not [PLACE_1] or [NOTHING_1]', {}, 'iban'],
])('pii of %j with %j', async (text, options, value) => {
  expect(await valueOfSignal({ kind: 'pii', ...options }, text)).toBe(value)
})

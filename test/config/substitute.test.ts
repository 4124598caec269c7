// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the configuration
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { substitute } from '../../src/config/substitute.ts'

const env = { NAME: 'value', EMPTY: '', TRICKY: '${NAME} $& $1' }

test.each([
  ['${NAME}', 'value'],
  ['a ${NAME}, b ${NAME}', 'a value, b value'],
  ['${EMPTY}', ''],
  ['${EMPTY:-default}', 'default'],
  ['${ABSENT:-default}', 'default'],
  ['${ABSENT:-}', ''],
  ['${ABSENT:-a:-b}', 'a:-b'],
  ['${NAME:-default}', 'value'],
  ['$${NAME}', '${NAME}'],
  ['$NAME and $5', '$NAME and $5'],
  ['${TRICKY}', '${NAME} $& $1'],
])('substitute() makes of %j the text %j', (text, expected) => {
  expect(substitute({ key: text }, env)).toMatchObject({ data: { key: expected }, issues: [] })
})

test.each(['${', '${NAME', '${}', '${1A}', '${A B}', '${NAME:?message}', '${NAME-default}'])(
  'substitute() refuses %j and names its key',
  (text) => {
    const { issues } = substitute({ tools: [{ key: text }] }, env)

    expect(issues.map((issue) => issue.path)).toEqual(['tools[0].key'])
  },
)

test('substitute() names the missing variable and the key that wants it', () => {
  const { issues } = substitute({ providers: { local: { api_key: 'Bearer ${LOCAL_KEY}' } } }, env)

  expect(issues).toEqual([{ path: 'providers.local.api_key', message: 'needs the environment variable LOCAL_KEY, which is not set' }])
})

test('substitute() takes nothing from the prototype of the environment', () => {
  expect(substitute('${toString}', env).issues).toHaveLength(1)
})

test('substitute() leaves keys, numbers and truth values alone', () => {
  expect(substitute({ '${NAME}': [1, true, null] }, env).data).toEqual({ '${NAME}': [1, true, null] })
})

test('substitute() returns text without references as it is, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(!text.includes('${'))
      expect(substitute(text, env)).toMatchObject({ data: text, issues: [] })
    }),
  )
})

test('substitute() puts any value in exactly once, between what stands around it', () => {
  const around = fc.string().filter((text) => !text.includes('$'))
  fc.assert(
    fc.property(fc.string(), around, around, (value, before, after) => {
      expect(substitute(`${before}\${V}${after}`, { V: value }).data).toBe(`${before}${value}${after}`)
    }),
  )
})

test('substitute() gives back what was escaped', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(
        substitute(
          text.replaceAll('${', () => '$${'),
          env,
        ),
      ).toMatchObject({ data: text, issues: [] })
    }),
  )
})

test('substitute() never shows a value in an issue', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{12,20}$/), fc.string(), (value, rest) => {
      const { issues } = substitute([`\${V}${rest}`, `\${V:?}${rest}`], { V: value })
      expect(JSON.stringify(issues)).not.toContain(value)
    }),
  )
})

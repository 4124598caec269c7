import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rewriteArguments, rewriteSchema } from '../../policies/rewrite.ts'
import { refuseRegex } from '../../policies/safe-regex.ts'

const rewrite = (args: Record<string, unknown>, how: object) => rewriteArguments(args, rewriteSchema.parse(how))

test('rewriteArguments() removes, limits and sets by key and by pointer, and leaves what it was given alone', () => {
  const args = { bcc: 'x', deep: { list: [1, 2, 3], text: 'words', 'a/b': 1 }, n: 9 }

  const done = rewrite(args, {
    remove: ['bcc', '/deep/a~1b', 'missing'],
    at_most: { '/deep/list': 2, '/deep/text': 3, n: 5, absent: 1 },
    set: { '/deep/list/0': 7, '/new/one': true },
  })

  expect(done.arguments).toEqual({ deep: { list: [7, 2], text: 'wor' }, n: 5, new: { one: true } })
  expect(done.changes).toHaveLength(7)
  expect(args).toEqual({ bcc: 'x', deep: { list: [1, 2, 3], text: 'words', 'a/b': 1 }, n: 9 })
})

test('rewriteArguments() never changes what is not named, never exceeds a limit, and never reaches a prototype', () => {
  const keys = fc.constantFrom('a', 'b', 'c', '/a/x', '/b/0', '/c/x/y', '/toString', '/a/hasOwnProperty')
  const args = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'other'), fc.jsonValue({ maxDepth: 2 }))

  fc.assert(
    fc.property(args, keys, keys, fc.nat(5), fc.jsonValue({ maxDepth: 1 }), (given, limited, set, most, value) => {
      let done: ReturnType<typeof rewrite>
      try {
        done = rewrite(given, { at_most: { [limited]: most }, ...(set !== limited && { set: { [set]: value } }) })
      } catch (error) {
        expect(error).toMatchObject({ code: 'rewrite_failed' })
        return
      }
      if ('other' in given) expect(done.arguments['other']).toEqual(given['other'])
      const found = done.arguments[limited]
      if (set !== limited && !set.startsWith(`/${limited}`)) {
        if (typeof found === 'number') expect(found).toBeLessThanOrEqual(most)
        if (typeof found === 'string' || Array.isArray(found)) expect(found.length).toBeLessThanOrEqual(most)
      }
      expect(Object.keys(Object.prototype)).toEqual([])
      expect(typeof {}.toString).toBe('function')
    }),
  )
})

test.each(['__proto__', '/a/__proto__/b', '/constructor/prototype/x', '/a~2'])('a rewrite of %s is refused', (key) => {
  expect(rewriteSchema.safeParse({ remove: [key] }).success).toBe(false)
  expect(rewriteSchema.safeParse({ set: JSON.parse(`{${JSON.stringify(key)}: 1}`) }).success).toBe(false)
})

test.each([
  ['(a+)+', false],
  ['(a|b)*c', false],
  ['(?:x|y){2,}', false],
  ['(a?a?)+', false],
  ['(.)\\1', false],
  ['(?=a)b', false],
  ['[', false],
  ['^/(home|tmp)/[a-z+*]+\\.txt$', true],
  ['\\(a\\+\\)+', true],
  ['(abc)+d{1,3}', true],
  ['(?<year>[0-9]{4})-', true],
])('refuseRegex(%s): usable %s', (pattern, usable) => {
  expect(refuseRegex(pattern) === undefined).toBe(usable)
})

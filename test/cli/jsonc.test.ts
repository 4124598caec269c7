import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsoncError, parseJsonc, setMember } from '../../src/cli/init/jsonc.ts'

const entry = { command: 'node', args: ['a'] }

test('setMember() leaves comments, order and other servers as they are', () => {
  const before = `{
  // My servers
  "servers": {
    "files": { "command": "npx" }, // keep this
    /* and this */
    "docs": { "url": "https://example.com" } // and that
  },
  "inputs": [1, 2,],
}
`

  expect(setMember(before, 'servers', 'signalbox', entry)).toBe(`{
  // My servers
  "servers": {
    "files": { "command": "npx" }, // keep this
    /* and this */
    "docs": { "url": "https://example.com" }, // and that
    "signalbox": {
      "command": "node",
      "args": [
        "a"
      ]
    }
  },
  "inputs": [1, 2,],
}
`)
})

test.each([
  ['an empty file', '', '{\n  "s": {\n    "k": 1\n  }\n}\n'],
  ['an empty object', '{}', '{\n  "s": {\n    "k": 1\n  }\n}'],
  ['an object without the parent', '{\n\t"a": true\n}', '{\n\t"a": true,\n\t"s": {\n\t\t"k": 1\n\t}\n}'],
  ['an empty parent', '{\n    "s": {}\n}\n', '{\n    "s": {\n        "k": 1\n    }\n}\n'],
  ['a parent with a comment alone', '{ "s": { // none yet\n} }', '{ "s": {\n  "k": 1 // none yet\n} }'],
  ['a parent with a trailing comma', '{\n  "s": {\n    "a": 1,\n  }\n}', '{\n  "s": {\n    "a": 1,\n    "k": 1\n  }\n}'],
  ['another value', '{\n  "s": {\n    "k": { "old": [] }, "b": 2\n  }\n}', '{\n  "s": {\n    "k": 1, "b": 2\n  }\n}'],
  ['the lines of Windows', '{\r\n  "a": 1\r\n}\r\n', '{\r\n  "a": 1,\r\n  "s": {\r\n    "k": 1\r\n  }\r\n}\r\n'],
])('setMember() writes into %s', (_, before, after) => {
  expect(setMember(before, 's', 'k', 1)).toBe(after)
})

test.each(['[]', '"text"', '{ "s": [] }', '{ "s": 1 }', '{', '{ "a" 1 }', '{ a: 1 }', '{} x', '{ "a": 01x }', '{ /* }'])(
  'setMember() refuses %s',
  (text) => {
    expect(() => setMember(text, 's', 'k', 1)).toThrow(JsoncError)
  },
)

test('parseJsonc() refuses what is nested without end', () => {
  expect(() => parseJsonc('['.repeat(100_000))).toThrow(JsoncError)
})

const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('"__proto__"'))

test('parseJsonc() reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
      expect(parseJsonc(JSON.stringify(value, null, indent))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('setMember() changes nothing but the member, twice is once', () => {
  const keys = fc.string().filter((key) => key !== '__proto__')
  const objects = fc.dictionary(keys, json)
  fc.assert(
    fc.property(objects, objects, keys, json, fc.constantFrom(undefined, 2, 4, '\t'), (rest, servers, key, value, indent) => {
      const data = { ...rest, servers }
      const once = setMember(JSON.stringify(data, null, indent), 'servers', key, value)
      expect(parseJsonc(once)).toEqual(JSON.parse(JSON.stringify({ ...data, servers: { ...servers, [key]: value } })))
      expect(JSON.parse(once)).toEqual(parseJsonc(once))
      expect(setMember(once, 'servers', key, value)).toBe(once)
    }),
  )
})

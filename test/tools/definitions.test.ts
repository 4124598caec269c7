import { expect, test } from 'vitest'
import { canonicalJson, hashesOf, isAllowed, isDestructive, isReadOnly } from '../../tools/definitions.ts'

test('canonicalJson() is the same for the same content in another order', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}')
})

test('hashesOf() covers what a model is told, and all that is passed on, apart', () => {
  const tool = { name: 'a', description: 'b', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }

  const same = hashesOf({ ...tool, _meta: { x: 1 } })

  expect(same.pinned).toBe(hashesOf(tool).pinned)
  expect(same.whole).not.toBe(hashesOf(tool).whole)
  for (const change of [
    { description: 'c' },
    { inputSchema: {} },
    { outputSchema: {} },
    { annotations: {} },
    { title: 't' },
    { name: 'z' },
  ]) {
    expect(hashesOf({ ...tool, ...change }).pinned).not.toBe(hashesOf(tool).pinned)
  }
})

test('isAllowed() lets block win over allow, and an empty allow lets all pass', () => {
  expect(isAllowed('read_file', { allow: [], block: [] })).toBe(true)
  expect(isAllowed('read_file', { allow: ['read_*'], block: [] })).toBe(true)
  expect(isAllowed('write_file', { allow: ['read_*'], block: [] })).toBe(false)
  expect(isAllowed('read_file', { allow: ['read_*'], block: ['*_file'] })).toBe(false)
  expect(isAllowed('a.b', { allow: ['a?b'], block: [] })).toBe(true)
  expect(isAllowed('axb', { allow: ['a.b'], block: [] })).toBe(false)
})

test('isReadOnly() believes configuration, then a trusted annotation, and else takes it that the tool writes', () => {
  const says = (readOnlyHint: boolean) => ({ name: 'get', annotations: { readOnlyHint } })

  expect(isReadOnly(says(true), { readOnly: [], trustAnnotations: true })).toBe(true)
  expect(isReadOnly(says(true), { readOnly: [], trustAnnotations: false })).toBe(false)
  expect(isReadOnly(says(false), { readOnly: ['g*'], trustAnnotations: false })).toBe(true)
  expect(isReadOnly({ name: 'get' }, { readOnly: true, trustAnnotations: false })).toBe(true)
  expect(isReadOnly({ name: 'get' }, { readOnly: [], trustAnnotations: true })).toBe(false)
})

test('isDestructive() takes it that a tool may destroy unless it is trusted to say otherwise', () => {
  const harmless = { name: 'add', annotations: { destructiveHint: false } }

  expect(isDestructive({ name: 'add' }, { trustAnnotations: true })).toBe(true)
  expect(isDestructive(harmless, { trustAnnotations: true })).toBe(false)
  expect(isDestructive(harmless, { trustAnnotations: false })).toBe(true)
})

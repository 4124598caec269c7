import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkArguments } from '../../tools/arguments/check.ts'
import { createSchemaCheck } from '../../tools/schema-check.ts'
import { recordingLog } from '../support/servers/host.ts'

type Schema = Record<string, unknown>

const checks = createSchemaCheck({ log: recordingLog() })
const validatorOf = (schema: Schema) => checks.validator(schema, { server: 's', tool: 't', called: 'arguments' })

async function check(received: unknown, schema: Schema) {
  return checkArguments(received, schema, await validatorOf(schema))
}

const text = { type: 'string' }
const count = { type: 'integer' }
const closed = (properties: Schema, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const open = (properties: Schema, required = Object.keys(properties)) => ({ type: 'object', properties, required })
const file = closed({ path: text, tail: count }, ['path'])
const search = closed({ filter: closed({ owner: text, state: { enum: ['Open', 'closed'] } }, ['owner']), limit: count }, ['filter'])

test.each<[string, unknown, Schema, unknown, string]>([
  ['a JSON text', '{"path":"a"}', file, { path: 'a' }, 'the JSON text was read as an object'],
  ['a wrapper', { arguments: { path: 'a' } }, file, { path: 'a' }, '"arguments" was moved up'],
  ['a wrapper beside the name', { tool_name: 'x', parameters: { path: 'a' } }, file, { path: 'a' }, 'taken out of "parameters"'],
  ['a JSON text in a wrapper', { input: '{"path":"a"}' }, file, { path: 'a' }, '"input" was moved up'],
  ['a number as a text', { path: 'a', tail: ' 10 ' }, file, { path: 'a', tail: 10 }, 'tail: " 10 " was taken as 10'],
  ['a boolean as a text', { on: 'True' }, open({ on: { type: 'boolean' } }), { on: true }, 'on: "True" was taken as true'],
  ['a text as a number', { path: 7 }, file, { path: '7' }, 'path: 7 was taken as "7"'],
  [
    'one value for a list',
    { ids: 3 },
    open({ ids: { type: 'array', items: count } }),
    { ids: [3] },
    'ids: the one value was taken as a list',
  ],
  [
    'a list in a JSON text',
    { ids: '["a","b"]' },
    open({ ids: { type: 'array', items: text } }),
    { ids: ['a', 'b'] },
    'ids: the JSON text was read',
  ],
  ['an object in a JSON text', { filter: '{"owner":"me"}' }, search, { filter: { owner: 'me' } }, 'filter: the JSON text was read'],
  [
    'the case of a choice',
    { filter: { owner: 'me', state: 'open' } },
    search,
    { filter: { owner: 'me', state: 'Open' } },
    'filter/state: "open" was taken as "Open"',
  ],
  ['another case of a key', { Path: 'a' }, file, { path: 'a' }, '"Path" was taken as "path"'],
  ['another spelling of a key', { repoName: 'a' }, open({ repo_name: text }), { repo_name: 'a' }, '"repoName" was taken as "repo_name"'],
  ['a letter too many in a key', { pathh: 'a' }, file, { path: 'a' }, '"pathh" was taken as "path"'],
  ['a level too many', { options: { path: 'a', tail: 1 } }, file, { path: 'a', tail: 1 }, 'what stood under "options" was moved up'],
  ['a level too few', { owner: 'me', limit: 1 }, search, { limit: 1, filter: { owner: 'me' } }, '"owner" moved under "filter"'],
  ['null for what may be left out', { path: 'a', tail: null }, file, { path: 'a' }, 'tail: null was left out'],
  ['several at once', { parameters: { PATH: 'a', tail: '1' } }, file, { path: 'a', tail: 1 }, '"PATH" was taken as "path"'],
  ['one form of several', { id: '5' }, open({ id: { anyOf: [count, { type: 'array', items: count }] } }), undefined, 'more than one way'],
])('checkArguments() takes %s where it can be meant in one way', async (_, received, schema, value, word) => {
  const checked = await check(received, schema)

  if (value === undefined) expect(checked).toMatchObject({ fault: expect.stringContaining(word) })
  else expect(checked).toEqual({ args: value, warnings: [expect.stringContaining(word)] })
})

test.each<[string, unknown, Schema]>([
  ['a text that may be a list in words', { ids: 'a, b' }, open({ ids: { type: 'array', items: text } })],
  ['a number with zeros in front', { path: 'a', tail: '007' }, file],
  ['a number too large to be exact', { path: 'a', tail: '12345678901234567890' }, file],
  ['a word for a boolean', { on: 'yes' }, open({ on: { type: 'boolean' } })],
  ['a choice that two have but for case', { x: 'A b' }, open({ x: { enum: ['a b', 'A B'] } })],
  ['a key that is near to two', { nam: 'x' }, closed({ name: text, nams: text })],
  ['two keys that are near to one', { Path: 'a', PATH: 'b' }, file],
  ['a key of another meaning', { filename: 'a' }, file],
  ['a wrapper with something beside it', { arguments: { path: 'a' }, more: 1 }, file],
  ['a missing value', {}, file],
  ['a list for the arguments', [{ path: 'a' }], file],
])('checkArguments() refuses %s, with an example', async (_, received, schema) => {
  const checked = await check(received, schema)

  expect(checked).toMatchObject({ fault: expect.stringContaining('. Arguments that would be valid: {') })
})

test('checkArguments() says place, rule and what was received, and keeps what was right in the example', async () => {
  const checked = await check({ filter: { owner: 'me', state: 'merged', x: 1 }, limit: 'ten' }, search)

  expect(checked).toEqual({
    fault:
      'arguments/filter/state must be "Open" or "closed", received "merged"; arguments/filter/x is not known; known are owner, state; ' +
      'arguments/limit must be an integer, received "ten". Arguments that would be valid: {"filter":{"owner":"me","state":"Open"},"limit":1}',
  })
  expect(await check('path a', file)).toEqual({
    fault: 'the arguments must be an object, received a string. Arguments that would be valid: {"path":"<path>"}',
  })
})

test('checkArguments() passes a wrapper on that the schema allows, and says so', async () => {
  const loose = open({ path: text }, [])

  expect(await check({ arguments: { path: 'a' } }, loose)).toEqual({
    args: { arguments: { path: 'a' } },
    warnings: [expect.stringContaining('no parameter "arguments"')],
  })
  expect(await check({ arguments: { path: 'a' } }, open({ arguments: { type: 'object' } }))).toEqual({
    args: { arguments: { path: 'a' } },
    warnings: [],
  })
  expect(await check(undefined, loose)).toEqual({ args: {}, warnings: [] })
})

test('checkArguments() is not kept by a schema that names itself in all its branches', async () => {
  const branches = Array.from({ length: 20 }, () => ({ $ref: '#/$defs/a' }))
  const schema = {
    $defs: { a: { type: 'object', properties: { a: { anyOf: branches } } } },
    type: 'object',
    properties: { a: { anyOf: branches } },
  }
  let value: unknown = 1
  for (let depth = 0; depth < 2; depth += 1) value = { a: value }

  expect(await check(value, { ...schema, required: ['b'] })).toHaveProperty('fault')
})

/** Schemas as tools have them, with a value for each. */
const { node: schemas } = fc.letrec<{ node: Schema; leaf: Schema; branch: Schema }>((tie) => ({
  node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('branch')),
  leaf: fc.oneof(
    fc.constantFrom<Schema>(
      text,
      count,
      { type: 'number' },
      { type: 'boolean' },
      { type: ['string', 'null'] },
      { type: 'string', format: 'date' },
    ),
    fc.record({ type: fc.constant('string'), minLength: fc.integer({ min: 0, max: 30 }) }),
    fc
      .integer({ min: -50, max: 50 })
      .chain((minimum) =>
        fc.record({ type: fc.constant('integer'), minimum: fc.constant(minimum), maximum: fc.integer({ min: minimum, max: 60 }) }),
      ),
    fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }).map((values) => ({ enum: values })),
    fc.constantFrom<Schema>(
      { type: 'string', pattern: '^[A-Z]{3}$' },
      { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
      { type: 'integer', exclusiveMinimum: 0, multipleOf: 5 },
    ),
  ),
  branch: fc.oneof(
    fc
      .tuple(fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('node'), { maxKeys: 4 }), fc.boolean(), fc.boolean())
      .map(([properties, isClosed, isStrict]) => ({
        type: 'object',
        properties,
        ...(isStrict && { required: Object.keys(properties) }),
        ...(isClosed && { additionalProperties: false }),
      })),
    fc.tuple(tie('node'), fc.integer({ min: 0, max: 3 })).map(([items, minItems]) => ({ type: 'array', items, minItems })),
    fc.tuple(tie('leaf'), tie('node')).map((anyOf) => ({ anyOf })),
  ),
}))
const objectSchemas = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,6}$/), schemas, { minKeys: 1, maxKeys: 5 })
  .chain((properties) => fc.boolean().map((isClosed) => (isClosed ? closed(properties) : open(properties))))
const anything = fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,6}$/), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>, { maxKeys: 5 })

test('checkArguments() never changes what is valid, sends nothing that is not, and gives an example that is', async () => {
  await fc.assert(
    fc.asyncProperty(objectSchemas, anything, async (schema, given) => {
      const validate = await validatorOf(schema)
      const checked = checkArguments(given, schema, validate)

      if (validate(given) === undefined) expect(checked).toMatchObject({ args: given })
      else if ('args' in checked) {
        expect(validate(checked.args)).toBeUndefined()
        expect(checked.warnings.length).toBeGreaterThan(0)
      } else {
        const example = /Arguments that would be valid: (.*)$/s.exec(checked.fault)?.[1]
        expect(example).toBeDefined()
        const again = checkArguments(JSON.parse(example ?? ''), schema, validate)
        expect(again).toEqual({ args: JSON.parse(example ?? ''), warnings: [] })
      }
    }),
    { numRuns: 200 },
  )
})

import { expect, test } from 'vitest'
import { createSchemaCheck } from '../../tools/schema-check.ts'
import { recordingLog } from '../support/servers/host.ts'

const what = { server: 's', tool: 't', called: 'arguments' }

test.each([
  ['2020-12 by default', {}],
  ['draft-07', { $schema: 'http://json-schema.org/draft-07/schema#' }],
])('faults() checks against %s, naming the place and the rule but not the value', async (_, dialect) => {
  const { faults } = createSchemaCheck({ log: recordingLog() })
  const schema = { ...dialect, type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }

  expect(await faults({ n: 1 }, schema, what)).toBeUndefined()
  expect(await faults({}, schema, what)).toBe("arguments must have required property 'n'")
  expect(await faults({ n: 'secret' }, schema, what)).toBe('arguments/n must be integer')
})

test.each([
  ['cannot be compiled', { type: 'object', properties: { a: { type: 'no such type' } } }],
  ['refers to the network', { $ref: 'http://127.0.0.1:9/schema.json' }],
  ['is of an unknown dialect', { $schema: 'https://example.com/own-dialect' }],
])('faults() checks nothing against a schema that %s, and says so once', async (_, schema) => {
  const log = recordingLog()
  const { faults } = createSchemaCheck({ log })

  expect(await faults({ a: 1 }, schema, what)).toBeUndefined()
  expect(await faults({ a: 2 }, schema, what)).toBeUndefined()

  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
})

test('faults() keeps schemas apart that claim the same $id', async () => {
  const { faults } = createSchemaCheck({ log: recordingLog() })
  const strict = { $id: 'https://example.com/a', type: 'object', required: ['x'] }
  const lax = { $id: 'https://example.com/a', type: 'object' }

  expect(await faults({}, lax, what)).toBeUndefined()
  expect(await faults({}, strict, what)).toBeDefined()
})

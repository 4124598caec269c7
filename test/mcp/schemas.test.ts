import { expect, test } from 'vitest'
import { z } from 'zod'
import { jsonSchemaOf } from '../../src/mcp/schemas.ts'

test('jsonSchemaOf() is made once for each side', () => {
  const schema = z.object({ a: z.string().default('x') })

  expect(jsonSchemaOf(schema, 'input')).toBe(jsonSchemaOf(schema, 'input'))
  expect(jsonSchemaOf(schema, 'input')).not.toHaveProperty('required')
  expect(jsonSchemaOf(schema, 'output')).toHaveProperty('required', ['a'])
})

test('jsonSchemaOf() leaves out what tells a model nothing', () => {
  const schema = z.strictObject({ count: z.int(), inner: z.strictObject({ free: z.record(z.string(), z.unknown()) }) })

  expect(jsonSchemaOf(schema, 'input')).toEqual({
    type: 'object',
    properties: {
      count: { type: 'integer' },
      inner: { type: 'object', properties: { free: { type: 'object' } }, required: ['free'] },
    },
    required: ['count', 'inner'],
  })
})

test('jsonSchemaOf() keeps properties, defaults and limits, whatever they are called', () => {
  const schema = z.object({ $schema: z.string(), default: z.object({ maximum: z.int().max(3) }).default({ maximum: 2 }) })

  expect(jsonSchemaOf(schema, 'input')).toMatchObject({
    properties: {
      $schema: { type: 'string' },
      default: { default: { maximum: 2 }, properties: { maximum: { type: 'integer', maximum: 3 } } },
    },
  })
})

test('jsonSchemaOf() keeps what an open map may hold', () => {
  const schema = z.object({ scores: z.record(z.string(), z.number()) })

  expect(jsonSchemaOf(schema, 'output')).toMatchObject({ properties: { scores: { additionalProperties: { type: 'number' } } } })
})

import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configSchema, laterKeys, shippedPolicies } from '../../src/config/schema.ts'

test('configSchema() describes each key of the file, refuses others, and requires none at the top', () => {
  const schema = configSchema()

  expect(schema).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', additionalProperties: false })
  expect(schema['required'] ?? []).toEqual([])
  const keys = Object.keys(schema['properties'] as object)
  expect(keys).toEqual(
    expect.arrayContaining(['pools', 'providers', 'tools', 'policy', 'budget', 'images', 'http', 'clients', 'profiles', 'retention']),
  )
  expect(keys.filter((key) => laterKeys.has(key))).toEqual([])
  expect(schema).toHaveProperty('properties.tools.additionalProperties.properties.timeout_s.default', 60)
})

test('shippedPolicies are the files that ship', () => {
  const files = readdirSync(new URL('../../policies/shipped/', import.meta.url))

  expect([...shippedPolicies].toSorted()).toEqual(files.map((file) => file.replace(/\.yaml$/, '')).toSorted())
})

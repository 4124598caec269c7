import { expect, test } from 'vitest'
import { repairArguments } from '../../tools/repair.ts'

const schema = { type: 'object', properties: { path: { type: 'string' } } }
const args = { path: 'a.txt' }

test.each([
  ['as they are', args, []],
  ['as a JSON string', JSON.stringify(args), ['a JSON string']],
  ['under "arguments"', { arguments: args }, ['nested under "arguments"']],
  ['under "parameters", beside the name', { tool_name: 'x', parameters: args }, ['nested under "parameters"']],
  ['under "arguments" as a JSON string', { arguments: JSON.stringify(args) }, ['a JSON string', 'nested under "arguments"']],
])('repairArguments() takes arguments %s', (_, received, repairs) => {
  expect(repairArguments(received, schema)).toEqual({ args, repairs })
})

test('repairArguments() leaves a property of that name alone', () => {
  const own = { type: 'object', properties: { arguments: { type: 'object' } } }

  expect(repairArguments({ arguments: args }, own)).toEqual({ args: { arguments: args }, repairs: [] })
  expect(repairArguments({ arguments: args, more: 1 }, schema)).toEqual({ args: { arguments: args, more: 1 }, repairs: [] })
})

test('repairArguments() makes nothing of nothing, and refuses what cannot be arguments', () => {
  expect(repairArguments(undefined, schema)).toEqual({ args: {}, repairs: [] })
  expect(repairArguments('not JSON', schema)).toBeUndefined()
  expect(repairArguments([args], schema)).toBeUndefined()
})

import { expect, test } from 'vitest'
import { paramHeaderMismatch } from '../../src/http/param-headers.ts'

const schema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    where: { type: 'object', properties: { zone: { type: 'integer', 'x-mcp-header': 'Zone' } } },
    free: { type: 'string' },
  },
}
const mismatch = (args: object, headers: Record<string, string>) => paramHeaderMismatch(schema, args, new Headers(headers))?.header

test.each([
  ['an equal text', { region: 'eu' }, { 'mcp-param-region': 'eu' }],
  ['a text in Base64', { region: 'Zürich' }, { 'mcp-param-region': `=?base64?${Buffer.from('Zürich').toString('base64')}?=` }],
  ['an equal number written otherwise', { where: { zone: 42 } }, { 'mcp-param-zone': '42.0' }],
  ['an argument without an annotation', { free: 'x' }, {}],
  ['a header without its argument', {}, { 'mcp-param-region': 'eu' }],
])('paramHeaderMismatch() accepts %s', (_what, args, headers) => {
  expect(mismatch(args, headers as Record<string, string>)).toBeUndefined()
})

test.each([
  ['a missing header', { region: 'eu' }, {}, 'Mcp-Param-Region'],
  ['another text', { region: 'eu' }, { 'mcp-param-region': 'us' }, 'Mcp-Param-Region'],
  ['another number, at any depth', { where: { zone: 42 } }, { 'mcp-param-zone': '41' }, 'Mcp-Param-Zone'],
  ['an empty header for a zero', { where: { zone: 0 } }, { 'mcp-param-zone': '' }, 'Mcp-Param-Zone'],
  ['Base64 that is none', { region: 'Hello' }, { 'mcp-param-region': '=?base64?SGVsbG8?=' }, 'Mcp-Param-Region'],
])('paramHeaderMismatch() names %s', (_what, args, headers, header) => {
  expect(mismatch(args, headers as Record<string, string>)).toBe(header)
})

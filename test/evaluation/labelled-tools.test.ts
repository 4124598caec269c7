import { expect, test } from 'vitest'
import { parseCatalogue, parseNeeds } from '../../src/evaluation/labelled-tools.ts'

const catalogue = parseCatalogue(
  [
    '{"server": "files", "name": "read", "description": "Reads a file", "inputSchema": {"type": "object"}}',
    '',
    '{"tool_id": "x7", "server": "mail", "name": "read"}',
    '{"name": "send"}',
  ].join('\n'),
  'tools.jsonl',
)

test('parseCatalogue() names a tool by its id, by server and name, or by its name alone', () => {
  expect(catalogue.map(({ name, server, tool }) => [name, server, tool])).toEqual([
    ['files/read', 'files', 'read'],
    ['x7', 'mail', 'read'],
    ['send', '', 'send'],
  ])
})

test('parseCatalogue() tells each faulty line', () => {
  const content = '{"name": "a"}\nnot JSON\n{"description": "no name"}\n[1]\n{"name": "a"}'

  expect(() => parseCatalogue(content, 'tools.jsonl')).toThrow(
    /Cannot use tools.jsonl:\n {2}line 2: must be a JSON object\n {2}line 3: name: .*\n {2}line 4: /,
  )
  expect(() => parseCatalogue('{"name": "a"}\n{"name": "a"}', 'tools.jsonl')).toThrow('line 2: "a" stands in line 1 already')
  expect(() => parseCatalogue('\n\n', 'tools.jsonl')).toThrow('it has no tool')
})

test('parseNeeds() finds right tools by any name that is not in doubt', () => {
  const content = [
    '{"need": "open it", "gold": ["files/read", "mail/read"]}',
    '{"query": "post it", "tools": ["send", "send", "x7"]}',
    '{"need": "sing", "gold": "none"}',
    '{"need": "dance", "gold": []}',
  ].join('\r\n')

  expect(parseNeeds(content, 'needs.jsonl', catalogue)).toEqual([
    { need: 'open it', gold: ['files/read', 'x7'] },
    { need: 'post it', gold: ['send', 'x7'] },
    { need: 'sing', gold: [] },
    { need: 'dance', gold: [] },
  ])
})

test.each([
  ['{"need": "a", "gold": ["read"]}', 'line 1: "read" may be files/read or x7'],
  ['{"need": "a", "gold": ["write"]}', 'line 1: no tool of the catalogue is called "write"'],
  ['{"need": "a", "query": "a", "gold": []}', 'line 1: must have exactly one of need and query'],
  ['{"need": "a"}', 'line 1: must have exactly one of gold and tools'],
  ['{"need": "a", "gold": "send"}', 'line 1: gold: must be a list of names, or "none"'],
  ['', 'it has no need'],
])('parseNeeds() refuses %s', (content, fault) => {
  expect(() => parseNeeds(content, 'needs.jsonl', catalogue)).toThrow(fault)
})

test('parseNeeds() tells at most twenty faults, and how many more there are', () => {
  const content = Array.from({ length: 25 }, () => '{}').join('\n')

  expect(() => parseNeeds(content, 'needs.jsonl', catalogue)).toThrow(/line 10: .*\n.*\n {2}and 30 more$/)
})

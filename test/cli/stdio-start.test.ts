import { expect, test } from 'vitest'
import { parseInstanceStart, parseStdioStart } from '../../src/cli/stdio-start.ts'

const plain = { config: undefined, profile: undefined, logLevel: undefined, logFormat: undefined, share: true }

test.each([
  [[], plain],
  [['serve'], plain],
  [['serve', '--stdio'], plain],
  [['--config', 'a.yaml', 'serve', '--stdio'], { ...plain, config: 'a.yaml' }],
  [['serve', '--config=a=b.yaml', '--json'], { ...plain, config: 'a=b.yaml' }],
  [['serve', '--profile', 'narrow', '--no-share'], { ...plain, profile: 'narrow', share: false }],
  [['--log-level', 'debug', '--log-format=json'], { ...plain, logLevel: 'debug', logFormat: 'json' }],
])('parseStdioStart() reads %j as a start over stdio', (args, expected) => {
  expect(parseStdioStart(args, false)).toEqual(expected)
})

test.each([
  [['status']],
  [['serve', '--http']],
  [['serve', 'serve']],
  [['serve', '--help']],
  [['serve', '--stdio=yes']],
  [['serve', '--config']],
  [['--config', 'serve']],
  [['--profile', 'narrow']],
  [['--no-share']],
  [['serve', '--log-level', 'loud']],
  [['serve', '--log-format', 'xml']],
  [['serve', '--nonsense']],
])('parseStdioStart() leaves %j to the program', (args) => {
  expect(parseStdioStart(args, false)).toBeUndefined()
})

test('parseStdioStart() takes a terminal for a person who wants help, unless they said serve', () => {
  expect(parseStdioStart([], true)).toBeUndefined()
  expect(parseStdioStart(['serve'], true)).toEqual(plain)
})

test('parseInstanceStart() reads nothing but what the program itself writes', () => {
  expect(parseInstanceStart(['instance', '0123456789abcdef', '--config', '/a.yaml'])).toEqual({ id: '0123456789abcdef', config: '/a.yaml' })
  expect(parseInstanceStart(['instance', '0123456789abcdef'])).toEqual({ id: '0123456789abcdef', config: undefined })
  expect(parseInstanceStart(['instance'])).toBeUndefined()
  expect(parseInstanceStart(['instance', '../../x'])).toBeUndefined()
})

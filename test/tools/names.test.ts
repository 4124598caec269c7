import { expect, test } from 'vitest'
import { exposedNames, type Named, nearestNames } from '../../tools/names.ts'

const named = (server: string, original: string, prefix = true): Named => ({ server, original, prefix })

test('exposedNames() puts the server before the tool, in plain characters, and does not repeat it', () => {
  const { names, clashes } = exposedNames([
    named('files', 'read_file'),
    named('git.hub', 'issues/list'),
    named('github', 'github_search'),
    named('Übung', 'Ändern!'),
  ])

  expect(names).toEqual(['files_read_file', 'git_hub_issues_list', 'github_search', 'bung_ndern'])
  expect(clashes).toEqual([])
})

test('exposedNames() keeps names within 40 characters, apart from each other, and the same wherever they stand', () => {
  const long = Array.from({ length: 50 }, (_, index) => named('a_server_with_a_name', `a_tool_with_a_long_name_number_${index}`))

  const { names } = exposedNames(long)
  const { names: reversed } = exposedNames(long.toReversed())

  expect(new Set(names).size).toBe(50)
  for (const name of names) expect(name).toMatch(/^[a-z0-9_-]{1,40}$/)
  expect(reversed.toReversed()).toEqual(names)
})

test('exposedNames() gives each of two that want one name another, whichever comes first', () => {
  const twins = [named('a', 'x.y'), named('a', 'x_y'), named('b', 'z')]

  const { names, clashes } = exposedNames(twins)

  expect(names[2]).toBe('b_z')
  expect(names[0]).toMatch(/^a_x_y_[a-z2-7]{6}$/)
  expect(names[1]).toMatch(/^a_x_y_[a-z2-7]{6}$/)
  expect(names[0]).not.toBe(names[1])
  expect(clashes.map(({ wanted }) => wanted)).toEqual(['a_x_y'])
  expect(exposedNames(twins.toReversed()).names.toReversed()).toEqual(names)
})

test('exposedNames() keeps own names without a prefix up to 64 characters, and prefixes those that clash or are reserved', () => {
  const long = 'test_input_required_result_multiple_inputs'

  const { names } = exposedNames(
    [named('one', long, false), named('one', 'Search', false), named('two', 'Search', false), named('two', 'ask', false)],
    new Set(['ask']),
  )

  expect(names).toEqual([long, 'one_search', 'two_search', 'two_ask'])
})

test('exposedNames() gives a hash to a name that has no usable character', () => {
  expect(exposedNames([named('files', '文件')]).names[0]).toMatch(/^files_[a-z2-7]{6}$/)
})

test('nearestNames() finds what a mistyped name meant, and nothing for what is far', () => {
  const names = ['files_read_file', 'files_write_file', 'memory_search']

  expect(nearestNames('file_read', names)[0]).toBe('files_read_file')
  expect(nearestNames('zzz', names)).toEqual([])
})

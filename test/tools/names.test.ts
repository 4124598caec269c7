import fc from 'fast-check'
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

test('exposedNames() gives each thing one valid name of its own, whatever servers call theirs, and tells of each that was changed', () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.constantFrom('x', 'X', 'a_x', 'a-x', 'a.x', 'x_y', 'x.y', 'ask', 'status', 'b_x', '__proto__', 'constructor', ''),
    fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/),
  )
  const things = fc
    .array(fc.tuple(fc.constantFrom('a', 'a_x', 'b', 'ask', 'server-with-a-name-as-long-as-it-ma'), name), { maxLength: 40 })
    .map((pairs) => [...new Map(pairs.map((pair) => [pair.join('\0'), pair])).values()])
    .map((pairs) => pairs.map(([server, original]) => named(server, original, server !== 'b')))
  const reserved = new Set(['ask', 'status', 'a_x'])

  fc.assert(
    fc.property(things, (all) => {
      const { names, clashes } = exposedNames(all, reserved)
      const order = [...all.keys()].toReversed()
      const told = new Map(
        clashes.flatMap(({ names: members }) => members.map(({ server, original, name: given }) => [`${server}\0${original}`, given])),
      )

      expect(new Set(names).size).toBe(all.length)
      for (const [index, given] of names.entries()) {
        const thing = all[index] as Named
        expect(given).toMatch(thing.prefix ? /^[a-z0-9_-]{1,40}$/ : /^[a-zA-Z0-9_-]{1,64}$/)
        expect(reserved.has(given)).toBe(false)
        const alone = exposedNames([thing]).names[0]
        if (alone !== given) expect(told.get(`${thing.server}\0${thing.original}`)).toBe(given)
      }
      expect(
        exposedNames(
          order.map((index) => all[index] as Named),
          reserved,
        ).names,
      ).toEqual(order.map((index) => names[index]))
    }),
    { numRuns: 500 },
  )
})

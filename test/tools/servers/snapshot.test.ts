import { expect, test } from 'vitest'
import { emptyListing } from '../../../tools/definitions.ts'
import { missingFrom, parseSnapshot, storableSnapshot, withHidden } from '../../../tools/servers/snapshot.ts'

const day = 86_400_000
const transport = { kind: 'stdio', command: 'server', args: [], env: { TOKEN: 'sk-secret-value' } } as const
const listing = { ...emptyListing, tools: [{ name: 'a' }, { name: 'b' }] }
const snapshot = { listing, era: 'legacy', learntAt: 1000, hidden: { '{}': ['tools/b'] } } as const

test('parseSnapshot() reads what was stored, which holds no secret', () => {
  const stored = JSON.parse(JSON.stringify(storableSnapshot(snapshot, transport)))

  expect(JSON.stringify(stored)).not.toContain('secret')
  expect(parseSnapshot(stored, transport, 2000)).toEqual({ ...snapshot, isChecked: true })
})

test('parseSnapshot() forgets after seven days that a server is an old one, and keeps what it lists', () => {
  const stored = storableSnapshot(snapshot, transport)

  expect(parseSnapshot(stored, transport, 1000 + 6 * day)).toMatchObject({ era: 'legacy' })
  expect(parseSnapshot(stored, transport, 1000 + 7 * day)).toMatchObject({ era: 'modern', listing, hidden: {} })
})

test.each([
  ['nothing', null],
  ['another form', { version: 0 }],
  ['what was learnt of another command', storableSnapshot(snapshot, { ...transport, args: ['--other'] })],
  ['a broken one', { ...storableSnapshot(snapshot, transport), era: 'unknown' }],
])('parseSnapshot() makes nothing of %s', (_, stored) => {
  expect(parseSnapshot(stored, transport, 2000)).toBeUndefined()
})

test('withHidden() adds what is hidden, as it is known, and nothing twice', () => {
  const seen = { ...emptyListing, tools: [{ name: 'a', description: 'new' }] }
  const hidden = missingFrom(listing, seen)

  expect(hidden).toEqual(['tools/b'])
  expect(withHidden(seen, listing, hidden).tools).toEqual([{ name: 'a', description: 'new' }, { name: 'b' }])
  expect(withHidden(listing, listing, hidden)).toEqual(listing)
})

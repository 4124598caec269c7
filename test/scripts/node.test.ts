import { expect, test } from 'vitest'
import { isNodeVersionIn } from '../../bin/node-version.js'
import { nodeFor } from '../../scripts/node.js'

test.each([
  ['18.20.0', false],
  ['22.11.9', false],
  ['22.12.0', true],
  ['22.9.0', false],
  ['24.0.0', true],
  ['100.1.0-nightly', true],
])('isNodeVersionIn() says of Node %s and >=22.12: %s', (version, expected) => {
  expect(isNodeVersionIn(version, '>=22.12')).toBe(expected)
})

test('isNodeVersionIn() throws on a range of another form rather than let any version pass', () => {
  expect(() => isNodeVersionIn('24.0.0', '^22 || >=24')).toThrow(RangeError)
})

test('nodeFor() goes on with the running Node when it is new enough, else with the pinned one', () => {
  const pinned = '/project/node_modules/node/bin/node'

  expect(nodeFor({ version: '22.12.0', path: '/usr/bin/node' }, '>=22.12', pinned)).toBe('/usr/bin/node')
  expect(nodeFor({ version: '20.1.0', path: '/usr/bin/node' }, '>=22.12', pinned)).toBe(pinned)
})

test('nodeFor() says what to do when Node is too old and the pinned one is missing', () => {
  expect(() => nodeFor({ version: '20.1.0', path: '/usr/bin/node' }, '>=22.12', undefined)).toThrow(/Node 20\.1\.0.*ignore-scripts/)
})

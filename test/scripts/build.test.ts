import { expect, test } from 'vitest'
import { orphans } from '../../scripts/build.js'

test('orphans() names the built files whose source is gone, and nothing else', () => {
  const sources = ['src/log.ts', 'policies/shipped/balanced.yaml']
  const own = [
    'dist/.built',
    'dist/program/main.js',
    'dist/src/log.js',
    'dist/policies/shipped/balanced.yaml',
    'dist/.built-console',
    'dist/console/index.html',
  ]
  const built = [...own, 'dist/src/old-name.js', 'dist/test/log.test.js']

  expect(orphans(built, sources)).toEqual(['dist/src/old-name.js', 'dist/test/log.test.js'])
})

import { expect, test } from 'vitest'
import { breaches, importsIn } from '../../scripts/check-arrows.js'

test('breaches() lets each folder import what the design allows', () => {
  const sources = [
    { path: 'src/wire.ts', text: "import { a } from '../tools/a.ts'\nimport { b } from '../memory/b.ts'\n" },
    { path: 'tools/a.ts', text: "import type { Part } from '../models/part.ts'\nimport { c } from './c.ts'\n" },
  ]

  expect(breaches(sources)).toEqual([])
})

test.each([
  ['tools/a.ts', '../memory/store.ts'],
  ['policies/a.ts', '../tools/tool.ts'],
  ['models/a.ts', '../policies/step.ts'],
  ['memory/a.ts', '../src/log.ts'],
  ['src/a.ts', '../test/support/scripted.ts'],
])('breaches() names %s when it imports %s, even a type', (path, specifier) => {
  const [breach] = breaches([{ path, text: `import type { A } from '${specifier}'\n` }])

  expect(breach).toContain(`${path} imports ${specifier.slice(3)}`)
})

test('breaches() lets the console import types of the wire, and nothing that runs', () => {
  const asType = { path: 'console/views/a.tsx', text: "import type { A } from '../../src/console/wire.ts'\n" }
  const asValue = { path: 'console/views/b.tsx', text: "import { b } from '../../src/console/steps.ts'\n" }
  const ofServer = { path: 'console/views/c.tsx', text: "import type { C } from '../../src/box.ts'\n" }

  expect(breaches([asType])).toEqual([])
  expect(breaches([asValue, ofServer])).toHaveLength(2)
})

test.each([
  ['memory/threads.ts', 'better-sqlite3'],
  ['src/dispatch/line.ts', '@modelcontextprotocol/client'],
  ['models/pool.ts', '@anthropic-ai/sdk/resources'],
  ['policies/a.ts', 'onnxruntime-web'],
])('breaches() names %s when it imports %s, which lives elsewhere', (path, specifier) => {
  const [breach] = breaches([{ path, text: `const module = await import('${specifier}')\n` }])

  expect(breach).toContain(`${path} imports ${specifier}: only`)
})

test('breaches() lets the home of a foreign package import it', () => {
  expect(breaches([{ path: 'memory/sqlite/connection.ts', text: "import Database from 'better-sqlite3'\n" }])).toEqual([])
})

test('breaches() finds imports that run in a circle, and not those that types close', () => {
  const files = (kind: string) => [
    { path: 'src/a.ts', text: "import { b } from './b.ts'\n" },
    { path: 'src/b.ts', text: "export { c } from './c.ts'\n" },
    { path: 'src/c.ts', text: `import ${kind}{ a } from './a.ts'\n` },
  ]

  expect(breaches(files(''))).toEqual(['imports run in a circle: src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts'])
  expect(breaches(files('type '))).toEqual([])
})

test('importsIn() reads imports over several lines, without names and re-exported, and none from comments', () => {
  const text = [
    "import {\n  type A,\n  b,\n} from './lines.ts'",
    "import './effect.ts'",
    "export * from './all.ts'",
    "// import { c } from './comment.ts'",
    "/**\n * import { d } from './example.ts'\n */",
    "const glob = 'src/**/*.ts'",
    "export const e = 'from'",
  ].join('\n')

  expect(importsIn(text).map(({ specifier }) => specifier)).toEqual(['./lines.ts', './effect.ts', './all.ts'])
})

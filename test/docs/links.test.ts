import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { anchorOf } from '../../scripts/docs-site/headings.ts'
import { root } from '../support/examples/run.ts'

/** Where somebody looks first for what a folder holds. */
const readmes = [
  ...['bench', 'console', 'examples', 'memory', 'models', 'policies', 'scripts', 'src', 'test', 'tools'],
  ...['memory/sqlite', 'models/local', 'models/providers', 'policies/selectors', 'policies/signals', 'src/operations', 'test/product'],
].map((folder) => `${folder}/README.md`)

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readmes,
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

function anchorsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))
}

test.each(documents)('each link of %s leads somewhere', (document) => {
  const file = join(root, document)
  const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)]+)\)/g)].map((match) => match[1] ?? '')

  const broken = links.filter((link) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? file : resolve(dirname(file), path)
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
  })
  expect(broken).toEqual([])
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
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

/** As the pages of repositories name a heading. */
function anchorsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
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

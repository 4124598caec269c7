import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import { createConfigFolders } from '../support/config-folders.ts'
import { newUser, root } from '../support/examples/run.ts'

const tutorial = readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8')
const user = newUser()
const folders = createConfigFolders()
const folder = folders.project
mkdirSync(join(folder, 'trip'))
cpSync(join(root, 'examples', 'ferry.txt'), join(folder, 'trip', 'ferry.txt'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
afterAll(() => {
  user[Symbol.dispose]()
  folders[Symbol.dispose]()
})

/** One of its commands in its folder, as `npx signalbox` runs it. */
async function run(line: string): Promise<string> {
  const args = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
  const { out } = await runCommandLine(args, { env: user.env, cwd: folders.project, home: user.env['HOME'] ?? '' })
  return out
}

/** Ids and times are new each time, and the last digits of a score are the runtime's. */
const masked = (shown: string) =>
  shown
    .replaceAll(`${folder}/`, '')
    .replace(/\b(ap|ha)_[0-9a-f.]+/g, '$1_...')
    .replace(/until [^ ]+\. Then/, 'until .... Then')
    .replace(/( {2}0\.\d)\d\d/g, '$1')
    .trim()

test('docs/tutorial.md: each command prints what stands there, with the files as they are given', { timeout: 120_000 }, async () => {
  const shown: string[] = []
  const printed: string[] = []
  for (const [, language, block = ''] of tutorial.matchAll(/```(yaml|console)\n([\s\S]*?)```/g)) {
    const file = /^# (\S+)\n/.exec(block)?.[1]
    if (language === 'yaml' && file !== undefined) writeFileSync(join(folder, file), block)
    const [, line = '', wanted = ''] = /^\$ npx signalbox (.*)\n([\s\S]*)$/.exec(block) ?? []
    if (line === '') continue
    // The one change that is told in words.
    if (line.includes('files_create_directory'))
      writeFileSync(join(folder, 'trip.yaml'), readFileSync(join(folder, 'trip.yaml'), 'utf8').replace('balanced', './trip.policy.yaml'))
    shown.push(`${line}\n${masked(wanted)}`)
    printed.push(`${line}\n${masked(await run(line))}`)
  }

  expect(printed).toEqual(shown)
  expect(printed.length).toBeGreaterThan(7)
})

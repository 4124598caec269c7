import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import { createConfigFolders } from '../support/config-folders.ts'
import { newUser, root } from '../support/examples/run.ts'

const tutorial = readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8')
/** Ids and times are new each time, and the last digits of a score are the runtime's. */
const masked = (shown: string, folder: string) =>
  shown
    .replaceAll(`${folder}/`, '')
    .replace(/\b(ap|ha)_[0-9a-f.]+/g, '$1_...')
    .replace(/until [^ ]+\. Then/, 'until .... Then')
    .replace(/( {2}0\.\d)\d\d/g, '$1')
    .trim()

test('docs/tutorial.md: each command prints what stands there, with the files as they are given', { timeout: 120_000 }, async () => {
  // Of each try alone: what an earlier one has said would be recalled.
  using user = newUser()
  using folders = createConfigFolders()
  const folder = folders.project
  mkdirSync(join(folder, 'trip'))
  cpSync(join(root, 'examples', 'ferry.txt'), join(folder, 'trip', 'ferry.txt'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const run = async (line: string) => {
    const args = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
    const { out } = await runCommandLine(args, { env: user.env, cwd: folder, home: user.env['HOME'] ?? '' })
    return out
  }

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
    shown.push(`${line}\n${masked(wanted, folder)}`)
    printed.push(`${line}\n${masked(await run(line), folder)}`)
  }

  expect(printed).toEqual(shown)
  expect(printed.length).toBeGreaterThan(7)
})

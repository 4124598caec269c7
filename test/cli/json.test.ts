import { expect, test } from 'vitest'
import { runLine } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

/** These go on until they are stopped; what they print is tested with them. */
const lasting = ['serve', 'console']
/** Its data is a file of lines, whatever is asked for. */
const ownForm = ['export']

/** Every command that does something, by its words. */
async function commands(): Promise<string[]> {
  using folders = createConfigFolders()
  const { out } = await runLine(folders, ['completions', 'bash'])
  const paths = [...out.matchAll(/^ {4}"([^"]+)"\) words=/gm)].map(([, path = '']) => path)
  return paths.filter((path) => !lasting.includes(path) && !paths.some((other) => other.startsWith(`${path} `)))
}

test('each command with --json writes one JSON document to stdout, or nothing: whatever goes wrong', async () => {
  const all = await commands()
  const wrong: string[] = []
  using folders = createConfigFolders()
  for (const path of all) {
    const { out, code } = await runLine(folders, ['--json', ...path.split(' ')])
    try {
      if (out !== '') JSON.parse(out)
      else if (code === 0 && !ownForm.includes(path)) wrong.push(`${path} writes nothing and ends well`)
    } catch {
      wrong.push(`${path} writes ${out.slice(0, 100)}`)
    }
  }

  expect(all.length).toBeGreaterThan(40)
  expect(wrong).toEqual([])
})

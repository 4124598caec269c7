import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, CommanderError } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { recordedTerminal } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'
import { root } from '../support/examples/run.ts'

const documents = ['README.md', ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : []))]
const call =
  /^(?:\$ )?(?:\w+=\S+ )*(?:echo \S+ \| )?(?:npx signalbox|signalbox|node bin\/signalbox\.js|\S*\/node \S*\/signalbox\.js) ([^#]*)/

/** Command lines of the program: whole ones of blocks, and those in a sentence, which may leave out what follows. */
function linesOf(document: string): { line: string; isWhole: boolean }[] {
  const text = readFileSync(join(root, document), 'utf8')
  const block = /```(?:sh|console)\n([\s\S]*?)```/g
  const whole = [...text.matchAll(block)].flatMap(([, lines = '']) => lines.split('\n'))
  const named = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  const of = (lines: readonly string[], isWhole: boolean) => lines.flatMap((one) => ({ line: call.exec(one)?.[1]?.trim() ?? '', isWhole }))
  return [...of(whole, true), ...of(named, false)].filter(({ line, isWhole }) => line !== '' && (isWhole || !/[|[…]/.test(line)))
}

/** As a shell takes a line apart, up to where it goes somewhere else. */
function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
  const end = words.findIndex((word) => ['>', '<', '|', '&&'].includes(word))
  return end === -1 ? words : words.slice(0, end)
}

/** The same commands, options and arguments, which do nothing. */
function idle(command: Command): Command {
  for (const one of command.commands) if (one.commands.length === 0) one.action(() => {})
  for (const one of command.commands) idle(one)
  return command
}

test.each(documents)('each line of %s that calls the program names commands, options and arguments that there are', async (document) => {
  using folders = createConfigFolders()
  const terminal = recordedTerminal(folders)

  const mistakes: string[] = []
  for (const { line, isWhole } of linesOf(document)) {
    const refused = await idle(createProgram(terminal))
      .parseAsync(wordsOf(line), { from: 'user' })
      .then(
        () => undefined,
        (error: unknown) => error as Error,
      )
    const isLeftOut = refused instanceof CommanderError && /^commander\.(missing|optionMissing|help)/.test(refused.code)
    if (refused !== undefined && (isWhole || !isLeftOut)) mistakes.push(`${line}: ${refused.message}`)
  }

  expect(mistakes).toEqual([])
})

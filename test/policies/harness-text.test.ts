import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from '../../models/message.ts'
import { readHarnessText } from '../../policies/harness-text.ts'
import { createStep } from '../../policies/index.ts'

const said = (content: Message['content']): Message => ({ role: 'user', content })
const text = (value: string) => ({ type: 'text' as const, text: value })
const result = (id: string) => ({ type: 'tool-result' as const, id, name: 'read', content: [text('prove')], isError: false })
const stepOf = (messages: Message[]) => createStep({ messages, inputTokens: 1, maxOutputTokens: 1, principal: 'local' })

test.each([
  ['<system-reminder>\nToday is Monday.\n</system-reminder>\nFix it', 'Fix it'],
  ['<environment_context>\n  <cwd>/repo</cwd>\n</environment_context>\n\nFix it', 'Fix it'],
  ['# AGENTS.md instructions for /repo\n\n<INSTRUCTIONS>\nUse tabs\n</INSTRUCTIONS>\n\nFix it', 'Fix it'],
  ['# AGENTS.md instructions for /repo\n\nUse tabs', ''],
  ["As you answer the user's questions, you can use the following context:\n# claudeMd\nUse tabs", ''],
  [
    '<command-message>review</command-message>\n<command-name>/review</command-name>\n<command-args>the parser</command-args>',
    'the parser',
  ],
  ['<local-command-stdout>Set model</local-command-stdout>', ''],
  ['<local-command-caveat>Caveat: …</local-command-caveat>Fix it', 'Fix it'],
  ['<ide_opened_file>The user opened a.ts in the IDE.</ide_opened_file>\nFix it', 'Fix it'],
  ['<ide_selection>lines 1 to 2</ide_selection>', ''],
  ['# Context from my IDE setup:\n\n## Active file: a.ts\n\n## My request for Codex:\nFix it\n', 'Fix it'],
  ['# Context from my IDE setup:\n\n## Open tabs:\n- a.ts', ''],
  ['<user_info>\nOS: linux\n</user_info>\n<user_query>\nFix it\n</user_query>', 'Fix it'],
  ['<teammate-message teammate_id="lead">Go on</teammate-message>', ''],
  ['<task-notification>\n<task-id>b1</task-id>\n</task-notification>Fix it', 'Fix it'],
  ['[Request interrupted by user for tool use]', ''],
  ['What does <system-reminder> mean in the log?', 'What does <system-reminder> mean in the log?'],
  ['Explain <b>bold</b> and # AGENTS.md', 'Explain <b>bold</b> and # AGENTS.md'],
])('readHarnessText() keeps what the person wrote: %j', (given, kept) => {
  expect(readHarnessText(given)).toEqual({ text: kept, compacted: false })
})

test.each([
  ['This session is being continued from a previous conversation that ran out of context. The summary below covers it.\n\n1. …', ''],
  ['Another language model started to solve this problem and produced a summary of its thinking process. …', ''],
  [
    'The conversation history before this point was compacted into the following summary:\n\n<summary>\nDone: a\n</summary>\nGo on',
    'Go on',
  ],
  ['<state_snapshot>done: a</state_snapshot> Go on', 'Go on'],
])('readHarnessText() marks a summary of what was before: %j', (given, kept) => {
  expect(readHarnessText(given)).toEqual({ text: kept, compacted: true })
})

test('createStep() reads the words before a message that the harness wrote alone', () => {
  const step = stepOf([said([text('Fix the parser')]), said([text('<local-command-stdout>ok</local-command-stdout>')])])

  expect(step).toMatchObject({ text: 'Fix the parser', kind: 'user_turn', compacted: false })
})

test('createStep() joins the texts of a message without those of the harness', () => {
  const step = stepOf([said([text('# AGENTS.md instructions for /repo\n\nUse tabs'), text('Fix it'), text('and test it')])])

  expect(step.text).toBe('Fix it\n\nand test it')
})

test('createStep() marks a conversation that begins with a summary as compacted, and takes no words from before it', () => {
  const summary = said([text('This session is being continued from a previous conversation that ran out of context.')])

  expect(stepOf([said([text('Older words')]), summary])).toMatchObject({ compacted: true, text: '' })
  expect(stepOf([summary, said([text('Now this')])])).toMatchObject({ compacted: false, text: 'Now this' })
})

test.each<[string, Message[]]>([
  ['a reminder beside it', [said([result('1'), text('<system-reminder>todo</system-reminder>')])]],
  ['a reminder after it', [said([result('1')]), said([text('<system-reminder>todo</system-reminder>')])]],
  ['a message for each result', [said([result('1')]), said([result('2')])]],
])('createStep() calls a result a continuation with %s', (_name, messages) => {
  expect(stepOf(messages)).toMatchObject({ kind: 'continuation', toolLoop: true })
})

test('createStep() calls a result with words of the person beside it a turn of the user', () => {
  expect(stepOf([said([result('1'), text('Stop, do this instead')])])).toMatchObject({ kind: 'user_turn', text: 'Stop, do this instead' })
})

const pieces = fc.constantFrom(
  ...[
    '<system-reminder>',
    '</system-reminder>',
    '<INSTRUCTIONS>',
    '</INSTRUCTIONS>',
    '<ide_selection ',
    '>',
    '<user_query>',
    '</user_query>',
  ],
  ...[
    '# AGENTS.md instructions for /r\n',
    '\n',
    ' ',
    'word',
    '# Context from my IDE setup:',
    '## My request for Codex:',
    '<summary>',
    '<command-args>',
  ],
)

test('readHarnessText() takes time in proportion to the text, whatever repeats in it', () => {
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 4 }), (unit) => {
      // A quarter of a million characters: anything that grows with their square would not end.
      const long = unit.join('').repeat(Math.ceil(250_000 / unit.join('').length))

      expect(readHarnessText(long).text.length).toBeLessThanOrEqual(long.length)
    }),
    { numRuns: 40 },
  )
})

test('readHarnessText() finds a person’s words whatever blocks stand around them', () => {
  const block = fc.constantFrom(
    '<system-reminder>a</system-reminder>',
    '<environment_context>b</environment_context>',
    '<ide_selection>c</ide_selection>',
  )
  const words = fc.stringMatching(/^[a-z][a-z ]{0,40}[a-z]$/)
  fc.assert(
    fc.property(fc.array(block), words, fc.array(block), (before, own, after) => {
      expect(readHarnessText([...before, own, ...after].join('\n')).text).toBe(own)
    }),
  )
})

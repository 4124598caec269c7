import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runLine } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

const lines = (rows: readonly { text: string; label: string }[]) => rows.map((row) => JSON.stringify(row)).join('\n')
const labelled = (label: string, texts: readonly string[]) => texts.map((text) => ({ text, label }))

const training = [
  ...labelled('refund', [
    'I want my money back',
    'Please refund the order',
    'Return the payment to my card',
    'How do I get a refund?',
    'Give me back what I paid',
    'Refund my last purchase',
    'I was charged and want it returned',
    'Cancel it and refund me',
  ]),
  ...labelled('delivery', [
    'Where is my parcel?',
    'The package has not arrived',
    'Track my shipment',
    'When will the order be delivered?',
    'My delivery is late',
    'Has the box been sent?',
    'The courier did not come',
    'Shipping status please',
  ]),
]
const asked = [
  ...labelled('refund', ['Can I get my payment back?']),
  ...labelled('delivery', ['When does my package arrive?']),
  ...labelled('oos', ['Recite a poem about mountains']),
]

test('train saves a head that a policy takes up and eval signal measures', async () => {
  using folders = createConfigFolders()
  folders.write('project/train.jsonl', lines(training))
  folders.write('project/asked.jsonl', lines(asked))
  folders.write('project/mine.yaml', 'name: mine\nsignals: { intent: { kind: head, file: intent.head } }\ndefault: { prefer: first }\n')

  const trained = await runLine(folders, ['--json', 'train', 'intent', '--data', 'train.jsonl'])
  const evaluated = await runLine(folders, ['--json', 'eval', 'signal', 'intent', '--policy', './mine.yaml', '--data', 'asked.jsonl'])
  const fewShot = await runLine(folders, ['--json', 'eval', 'signal', '--examples', 'train.jsonl', '--data', 'asked.jsonl'])

  expect(trained.err).toBe('')
  expect(JSON.parse(trained.out)).toMatchObject({
    signal: 'intent',
    file: 'intent.head',
    rows: 16,
    folds: 5,
    baselines: { most_frequent: 0.5 },
  })
  expect(JSON.parse(trained.out).accuracy).toBeGreaterThan(0.8)
  expect(readFileSync(join(folders.project, 'intent.head')).subarray(0, 200).toString()).toContain('"format":"signalbox-head"')
  for (const { out } of [evaluated, fewShot]) {
    expect(JSON.parse(out)).toMatchObject({ texts: 3, in_scope: 2, accuracy: 1, out_of_scope: { texts: 1, auc: 1 } })
  }
})

test('train and eval signal say what is wrong with what they were given', async () => {
  using folders = createConfigFolders()
  folders.write(
    'project/one.jsonl',
    lines(
      labelled(
        'refund',
        Array.from({ length: 12 }, (_, index) => `text ${index}`),
      ),
    ),
  )
  folders.write('project/bad.jsonl', '{"text":"x"}')
  const failing = async (...args: string[]) => {
    const { code, err } = await runLine(folders, args)
    return `${code} ${err}`
  }

  expect(await failing('train', 'intent', '--data', 'one.jsonl')).toMatch(/^1 .*one label/)
  expect(await failing('train', 'intent', '--data', 'bad.jsonl')).toMatch(/^1 [\s\S]*line 1: label/)
  expect(await failing('train', 'Intent', '--data', 'one.jsonl')).toMatch(/^2 .*lower case/)
  expect(await failing('train', 'intent', '--data', 'gone.jsonl')).toMatch(/^2 .*--data/)
  expect(await failing('eval', 'signal', 'nothing', '--data', 'one.jsonl')).toMatch(/^2 .*"nothing"/)
  expect(await failing('eval', 'signal', '--data', 'one.jsonl')).toMatch(/^2 .*--examples/)
  expect(await failing('eval', 'signal', 'size', '--data', 'one.jsonl')).toMatch(/^2 .*number/)
})

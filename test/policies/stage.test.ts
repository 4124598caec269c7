import { expect, test } from 'vitest'
import type { Message } from '../../models/message.ts'
import { createStep } from '../../policies/index.ts'
import { createSignal } from '../../policies/signals/kinds.ts'
import { readStage, type StageFacts, scoreStage } from '../../policies/signals/stage.ts'
import { isStalled } from '../../policies/signals/stall.ts'
import { historyOf, type Operation } from '../support/tool-history.ts'

const calm: StageFacts = { severity: 0, spinning: false, exploring: false, production: 0 }

test.each<[string, Partial<StageFacts>, number]>([
  ['one full signal', { severity: 0.7 }, 0.462],
  ['another one', { exploring: true }, 0.462],
  ['the highest severity alone', { severity: 1 }, 0.613],
  ['a hard error while spinning', { severity: 0.7, spinning: true }, 0.762],
  ['the highest severity while spinning', { severity: 1, spinning: true }, 0.838],
  ['production alone', { production: 1 }, -0.462],
])('scoreStage() gives %s the published score', (_name, facts, score) => {
  expect(scoreStage({ ...calm, ...facts })).toBeCloseTo(score, 3)
})

const times = (count: number, operation: (index: number) => Operation) => Array.from({ length: count }, (_, index) => operation(index))
const look = (index: number): Operation => ({ name: 'read', input: { path: `file-${index}` } })
const edit: Operation = { name: 'edit', input: { path: 'a' } }
const failed = (text: string): Operation => ({ input: { command: 'npm test' }, text, isError: true })

test.each<[string, Operation[], string]>([
  ['nothing was done yet', [], 'open'],
  ['it writes', [edit, edit, edit], 'open'],
  ['it looks around for long, which alone is no reason', times(12, look), 'open'],
  ['the machine fails', [edit, failed('fatal: out of memory')], 'critical'],
  ['a command failed', [edit, failed('Command exited with code 1')], 'failed'],
  ['it looks around for long after an error', [...times(8, look), failed('Traceback (most recent call last)'), look(9)], 'stuck'],
  ['it writes after an error', [...times(8, look), failed('Command exited with code 1'), edit], 'open'],
  ['tests passed after a change', [edit, { input: { command: 'npm test' }, text: '12 passed, 0 failed' }], 'settled'],
  ['tests passed, others did not', [edit, { input: { command: 'npm test' }, text: '12 passed, 1 failed' }], 'open'],
  ['a file that was read tells of errors', [{ name: 'read', text: 'Traceback (most recent call last): out of memory' }], 'open'],
])('readStage() when %s', (_when, operations, stage) => {
  expect(readStage(historyOf(operations)).stage).toBe(stage)
})

test('readStage() is critical just after the conversation was summed up, and no longer than that', () => {
  const summary: Message = {
    role: 'user',
    content: [{ type: 'text', text: 'This session is being continued from a previous conversation.' }],
  }

  expect(readStage([summary, ...historyOf([edit]).slice(1)]).stage).toBe('critical')
  expect(readStage([summary, ...historyOf([edit, edit, edit, edit]).slice(1)]).stage).toBe('open')
})

test('readStage() sees a shell that writes as writing', () => {
  const write = (command: string) => ({ name: 'bash', input: { command } })

  expect(readStage(historyOf([write("cat > a.txt <<'EOF'")])).production).toBe(1)
  expect(readStage(historyOf([write('grep -rn "x" src 2>&1')])).production).toBe(0)
})

const same: Operation = { name: 'bash', input: { command: 'npm test', cwd: '.' } }

test.each<[string, Operation[], boolean]>([
  ['a call was made twice', [same, look(1), same], false],
  ['a call was made for the third time within six', [same, look(1), look(2), same, look(3), same], true],
  ['a call was made for the third time within seven', [same, look(1), look(2), look(3), same, look(4), same], false],
  ['the arguments stand in another order', [same, { name: 'bash', input: { cwd: '.', command: 'npm test' } }, same], true],
  ['the newest call failed as the third of six', [failed('a'), look(1), failed('b'), look(2), { ...look(3), isError: true }], true],
  ['three failed and the newest did not', [failed('a'), { ...look(1), isError: true }, { ...look(2), isError: true }, look(3)], false],
  ['nothing was called', [], false],
])('isStalled() when %s', (_when, operations, stalled) => {
  expect(isStalled(historyOf(operations))).toBe(stalled)
})

test('the signals of kind stage and stall report what they read, and what of it is trouble', async () => {
  const step = createStep({
    messages: historyOf([same, same, failed('exit code 2')]),
    inputTokens: 1,
    maxOutputTokens: 1,
    principal: 'local',
  })
  const surroundings = { pools: [], embedder: undefined }
  const live = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools: [], state: () => undefined }
  const stage = createSignal('work', { kind: 'stage' }, surroundings)
  const stall = createSignal('circles', { kind: 'stall' }, surroundings)

  expect(await stage.read(step, { live })).toEqual({ value: 'failed', confidence: 1 })
  expect(stage.trouble?.of('failed')).toBe('the work is failed (work)')
  expect(stage.trouble?.of('settled')).toBeUndefined()
  expect(await stall.read(step, { live })).toEqual({ value: false, confidence: 1 })
  expect(stall.trouble?.of(true)).toBe('the work turns in circles (circles)')
})

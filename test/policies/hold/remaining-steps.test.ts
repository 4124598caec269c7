import { expect, test } from 'vitest'
import { remainingSteps, turnSoFar } from '../../../policies/hold/remaining-steps.ts'

test('remainingSteps() is the median over past turns at this depth', () => {
  const past = ['Ooooo', 'OooOoooooo', 'Oo']

  expect(remainingSteps(past, 0, 'o')).toBe(4)
  expect(remainingSteps(past, 3, 'o')).toBe(2)
})

test('remainingSteps() looks at turns in the same stage where enough of them were in it', () => {
  const past = ['Offff', 'Offff', 'Oo', 'Oo', 'Oo']

  expect(remainingSteps(past, 1, 'f')).toBe(4)
  expect(remainingSteps(past, 1, 'o')).toBe(1)
  expect(remainingSteps(past, 1, 'c')).toBe(3)
})

test('remainingSteps() expects no more than its cap, and a usual loop while little is known', () => {
  expect(remainingSteps([`O${'o'.repeat(200)}`, `O${'o'.repeat(200)}`, `O${'o'.repeat(200)}`], 2, 'o')).toBe(30)
  expect(remainingSteps(['Oo'], 0, 'o')).toBe(8)
  expect(remainingSteps(['Oo', 'Oo', 'Oo'], 40, 'o')).toBe(8)
})

test('turnSoFar() is what the newest turn holds', () => {
  expect(turnSoFar('OooFoo')).toBe('Foo')
  expect(turnSoFar('oo')).toBe('oo')
  expect(turnSoFar('')).toBe('')
})

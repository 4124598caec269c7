import type { Pool } from '../../models/pool.ts'
import type { OwnKinds } from '../own-kinds.ts'
import type { PolicyFile } from '../policy-file.ts'
import { createSignal } from '../signals/kinds.ts'
import type { Signal, SignalValue } from '../signals/signal.ts'
import { ownPools } from './own-pools.ts'
import type { PolicyTest } from './test-file.ts'

/** Whoever decides where no rule does. */
const otherDeciders = ['default', 'hold', 'asked_model', 'asked_pool']

interface TestSurroundings {
  readonly pools: readonly Pool[]
  readonly own?: OwnKinds | undefined
}

type Report = (path: string, message: string) => void

/** Names in tests that nothing else in the file knows, nor the pools: those of the test, of the file, or else those that are configured. */
export function testIssues(file: PolicyFile, { pools: configured, own }: TestSurroundings): { path: string; message: string }[] {
  const issues: { path: string; message: string }[] = []
  const report: Report = (path, message) => void issues.push({ path, message })
  const names = new Set<string>()
  file.tests.forEach((test, index) => {
    const path = `tests.${index}`
    if (names.has(test.name)) report(path, `two tests are named "${test.name}"`)
    names.add(test.name)
    const given = test.given.pools ?? file.test_pools
    checkTest(test, path, file, { pools: given === undefined ? configured : ownPools(given), own }, report)
  })
  return issues
}

function checkTest({ given, expect }: PolicyTest, path: string, file: PolicyFile, { pools, own }: TestSurroundings, report: Report): void {
  const rules = file.rules.map(({ name }) => name)
  const check = (where: string, name: string | null | undefined, known: readonly string[], what: string) => {
    if (name === undefined || name === null || known.includes(name)) return
    report(`${path}.${where}`, `${what} "${name}" is not there (there are: ${known.join(', ')})`)
  }
  const poolNames = pools.map(({ name }) => name)
  const models = pools.flatMap(({ deployments }) => deployments.map(({ id }) => id))
  check('given.asked_pool', given.asked_pool, poolNames, 'pool')
  for (const model of given.cooling) check('given.cooling', model, models, 'model')
  for (const [name, value] of Object.entries(given.signals)) {
    const options = file.signals[name]
    if (options === undefined) check('given.signals', name, Object.keys(file.signals), 'signal')
    else
      checkValue(createSignal(name, options, { pools, embedder: undefined }, own?.signals), value, `${path}.given.signals.${name}`, report)
  }
  check('expect.rule', expect.rule, [...rules, ...otherDeciders], 'rule')
  check('expect.pool', expect.pool, poolNames, 'pool')
  check('expect.model', expect.model, models, 'model')
  for (const rule of expect.fired ?? []) check('expect.fired', rule, rules, 'rule')
  for (const model of expect.rejected ?? []) check('expect.rejected', model, models, 'model')
  for (const name of Object.keys(expect.projections ?? {})) check('expect.projections', name, Object.keys(file.projections), 'projection')
}

const typeNames = { bool: 'true or false', double: 'a number', string: 'a text' } as const

function checkValue(signal: Signal, given: PolicyTest['given']['signals'][string], path: string, report: Report): void {
  const value = typeof given === 'object' ? given.value : given
  if (typeOf(value) !== signal.type) report(path, `the signal is ${typeNames[signal.type]}, received ${JSON.stringify(value)}`)
  else if (typeof value === 'string' && signal.values?.includes(value) === false) {
    report(path, `the signal is never "${value}" (it can be: ${signal.values.map((one) => JSON.stringify(one)).join(', ')})`)
  }
}

function typeOf(value: SignalValue): Signal['type'] {
  return typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'double' : 'string'
}

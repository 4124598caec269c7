import fc from 'fast-check'
import { expect, test } from 'vitest'
import { actAlike, examine } from '../../../policies/linter/crisp/examined.ts'
import { levelOne } from '../../../policies/linter/crisp/level-1.ts'
import { everyStep, firing, smallPolicy } from '../../support/linter/worlds.ts'

test('levelOne() finds just what trying every step of a small world finds', () => {
  fc.assert(
    fc.property(smallPolicy, (policy) => {
      const steps = everyStep(policy)
      fc.pre(steps.length <= 300)
      const examined = examine(policy)
      const findings = levelOne(examined)
      const patterns = [...new Set(steps.map((step) => firing(policy, step).map(Number).join('')))].map((one) =>
        [...one].map((bit) => bit === '1'),
      )
      const { rules } = examined
      const names = (code: string) => findings.filter((one) => one.code === code).map((one) => one.rules)

      const dead = rules.filter((_, index) => !patterns.some((fired) => fired[index])).map(({ rule }) => rule.name)
      expect(names('contradiction').flat().toSorted()).toEqual(dead.toSorted())

      const deciders = patterns.map((fired) => fired.indexOf(true))
      const hidden = rules.filter((_, index) => !deciders.includes(index)).map(({ rule }) => rule.name)
      const neverDeciding = findings.filter((one) => one.message.includes('never decides')).map((one) => one.rules[0])
      expect([...neverDeciding, ...dead].toSorted()).toEqual(hidden.toSorted())

      const makesNoDifference = rules.filter((one, index) => {
        if (hidden.includes(one.rule.name)) return false
        return patterns.every((fired, at) => {
          if (deciders[at] !== index) return true
          const next = rules[fired.indexOf(true, index + 1)]
          return actAlike(one, next ?? policy.file.default)
        })
      })
      const without = findings.filter((one) => one.message.startsWith('Without')).map((one) => one.rules[0])
      expect(without.toSorted()).toEqual(makesNoDifference.map(({ rule }) => rule.name).toSorted())

      expect(names('default_never').length > 0).toBe(!deciders.includes(-1))

      const clashes = rules.flatMap((one, index) =>
        rules.slice(index + 1).flatMap((other, offset) => {
          const at = index + 1 + offset
          const level = one.rule.priority === other.rule.priority && !actAlike(one, other)
          return level && patterns.some((fired, step) => deciders[step] === index && fired[at])
            ? [`${one.rule.name} ${other.rule.name}`]
            : []
        }),
      )
      expect(
        names('conflict')
          .map((pair) => pair.join(' '))
          .toSorted(),
      ).toEqual(clashes.toSorted())
      expect(names('not_analysed')).toEqual([])
    }),
    { numRuns: 30 },
  )
})

import type { Finding } from '../finding.ts'
import { conflicts } from './conflicts.ts'
import { contradictions } from './contradictions.ts'
import type { ExaminedPolicy } from './examined.ts'
import { orderFindings, unsure } from './order.ts'
import { unreachablePools } from './pools.ts'
import { toolFindings } from './tools.ts'

/** What the conditions say by themselves, whatever steps may come. */
export function levelOne(examined: ExaminedPolicy): Finding[] {
  const judged = examined.rules.map((one) => ({ one, found: examined.find([one], []) }))
  const of = (kind: (typeof judged)[number]['found']['kind']) => judged.filter(({ found }) => found.kind === kind).map(({ one }) => one)
  const [impossible, unknown] = [of('never'), of('unknown')]
  return [
    ...contradictions(examined, impossible),
    ...orderFindings(examined, impossible, unknown),
    ...conflicts(examined, impossible),
    ...toolFindings(examined),
    ...unreachablePools(examined, impossible),
    ...unknown.map((one) => unsure(one, 'whether it can fire')),
    ...notAnalysed(examined),
  ]
}

function notAnalysed({ rules, notAnalysed: ofProjections }: ExaminedPolicy): Finding[] {
  const finding = (names: string[], source: string, reason: string): Finding => ({
    code: 'not_analysed',
    level: 1,
    severity: 'report',
    rules: names,
    message: `${names.length > 0 ? `Of the rule ${names[0]}` : 'Of a projection'} \`${source}\` was not looked into: ${reason}. It may be true or false there.`,
    witness: null,
    mend: 'Nothing needs to be done; what is said of the policy does not rest on it.',
  })
  return [
    ...ofProjections.map(({ source, reason }) => finding([], source, reason)),
    ...rules.flatMap(({ rule, notAnalysed: all }) => all.map(({ source, reason }) => finding([rule.name], source, reason))),
  ]
}

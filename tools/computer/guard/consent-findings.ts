import type { ComputerAction } from '../../../models/computer/action.ts'
import type { Consent, ConsentEvidence } from './consent.ts'
import { type ConsentClass, consentKinds } from './consent-classes.ts'
import { classesInSentence } from './consent-words.ts'
import type { Finding, Verdict } from './verdict.ts'

/** What consequences ask for: what is left to the person is denied, what the task suffices for is allowed where the task names it. */
export function consentFindings({ evidence }: Consent, task = ''): readonly Finding[] {
  const asked = task === '' ? [] : classesInSentence(task).map((hit) => hit.class)
  const isNamed = ({ class: name }: ConsentEvidence) => asked.includes(name) || (name === 'prompt' && task !== '')
  return evidence.map((one) => {
    const verdict: Verdict =
      one.tier === 'handover'
        ? 'deny'
        : one.tier === 'confirm' || !(one.from === 'field' || one.from === 'text' || isNamed(one))
          ? 'confirm'
          : 'allow'
    const left = one.tier === 'handover' ? ', which is left to the person' : ''
    return {
      layer: 'consent',
      verdict,
      code: one.class,
      reason: `it ${consentKinds[one.class].does}${left} (${source[one.from]} "${one.words}")`,
    }
  })
}

const source: Readonly<Record<ConsentEvidence['from'], string>> = {
  label: 'the target says',
  sign: 'the sign on it looks like',
  claim: 'the agent says',
  nearby: 'beside it stands',
  url: 'the address says',
  keys: 'the keys are',
  text: 'the text is',
  field: 'the field is',
}

const carrying: ReadonlySet<ConsentClass> = new Set([
  'send',
  'purchase',
  'permission',
  'upload',
  'sensitive',
  'account',
  'install',
  'subscribe',
  'credential',
  'login',
  'medical',
])

/** Whether something may leave with the action. Each address that is gone to can carry something. */
export function sends(action: ComputerAction, classes: readonly ConsentClass[]): boolean {
  return classes.some((name) => carrying.has(name)) || (action.type === 'navigate' && /[?#]./.test(action.url))
}

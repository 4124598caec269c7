import type { Message, Part } from '../../models/message.ts'
import type { Step } from '../../policies/index.ts'
import type { Placeholders } from './placeholders.ts'
import type { Privacy } from './privacy.ts'
import { mapTexts } from './restore.ts'

/** As many messages as a record keeps. */
const lastMessages = 40

/** A step as it may be written down: it is looked at whole, before it is cut, since half a number is no number any more. */
export async function coverStep(step: Step, privacy: Privacy): Promise<{ readonly step: Step; readonly placeholders: Placeholders }> {
  const history = step.history.slice(-lastMessages)
  const texts: string[] = []
  const collect = (text: string) => {
    texts.push(text)
    return text
  }
  changed({ ...step, history }, collect)
  const covered = await privacy.cover(texts)
  let at = 0
  return { step: changed({ ...step, history }, () => covered.texts[at++] ?? ''), placeholders: covered.placeholders }
}

function changed(step: Step, change: (text: string) => string): Step {
  return {
    ...step,
    history: step.history.map(({ role, content }): Message => ({ role, content: content.map((part) => changedPart(part, change)) })),
    text: change(step.text),
    metadata: Object.fromEntries(Object.entries(step.metadata).map(([name, value]) => [name, change(value)])),
  }
}

function changedPart(part: Part, change: (text: string) => string): Part {
  if (part.type === 'text') return { ...part, text: change(part.text) }
  if (part.type === 'tool-call') return { ...part, input: mapTexts(part.input, change) as Record<string, unknown> }
  if (part.type !== 'tool-result') return part
  return { ...part, content: part.content.map((inner) => (inner.type === 'text' ? { ...inner, text: change(inner.text) } : inner)) }
}

/** An outcome as it may be written down, with the placeholders of its step. What names models, pools and decisions stays as it is. */
export async function coverOutcome(outcome: unknown, privacy: Privacy, placeholders: Placeholders): Promise<unknown> {
  const texts: string[] = []
  changeSaid(outcome, (text) => {
    texts.push(text)
    return text
  })
  const covered = await privacy.coverWith(texts, placeholders)
  let at = 0
  return changeSaid(outcome, () => covered[at++] ?? '')
}

/** Where an outcome has what models, tools and providers said. */
const said = new Set(['text', 'input', 'message', 'error', 'way', 'warnings'])

function changeSaid(value: unknown, change: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => changeSaid(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      if (!said.has(name)) return [name, changeSaid(one, change)]
      // The error of an attempt has a kind, which is no text of anybody's.
      return [name, name === 'error' && typeof one === 'object' ? changeSaid(one, change) : mapTexts(one, change)]
    }),
  )
}

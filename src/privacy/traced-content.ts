import { maskSecrets } from '../../models/local/detect/index.ts'
import type { Message, Part } from '../../models/message.ts'
import type { Policy } from '../../policies/index.ts'
import { privacyOf } from './privacy.ts'

/** The longest text that stands in a span. */
const longest = 20_000

/**
 * What people, models and tools said, as it may stand in a trace: keys and passwords are masked, and what the policy keeps from models
 * elsewhere has placeholders. In the form of the GenAI conventions.
 */
export async function tracedTexts(policy: Policy, texts: readonly string[]): Promise<readonly string[]> {
  const guard = policy.default.guards?.privacy
  const covered = guard === undefined || guard.redact === 'never' ? texts : (await privacyOf(guard).cover(texts)).texts
  return covered.map((text) => withoutSecrets(text).slice(0, longest).toWellFormed())
}

export async function tracedMessages(policy: Policy, messages: readonly Message[]): Promise<string> {
  const texts: string[] = []
  const shown = messages.map(({ role, content }) => ({ role, parts: content.map((part) => partOf(part, (text) => texts.push(text) - 1)) }))
  const covered = await tracedTexts(policy, texts)
  return JSON.stringify(shown, (_, value: unknown) => (value instanceof Kept ? covered[value.at] : value))
}

/** Stands for a text until it is known what may be shown of it. */
class Kept {
  readonly at: number
  constructor(at: number) {
    this.at = at
  }
}

function partOf(part: Part, keep: (text: string) => number): unknown {
  switch (part.type) {
    case 'text':
      return { type: 'text', content: new Kept(keep(part.text)) }
    case 'tool-call':
      return { type: 'tool_call', id: part.id, name: part.name, arguments: new Kept(keep(JSON.stringify(part.input))) }
    case 'tool-result': {
      const said = part.content.map((inner) => (inner.type === 'text' ? inner.text : `[${inner.type}]`)).join('\n')
      return { type: 'tool_call_response', id: part.id, result: new Kept(keep(said)) }
    }
    default:
      return { type: part.type }
  }
}

/** Each secret by its kind. */
export function withoutSecrets(text: string): string {
  return maskSecrets(text).text
}

import type { Deployment } from '../../models/deployment.ts'
import type { Message } from '../../models/message.ts'
import type { CachedFrom } from '../../models/outcome.ts'
import type { ModelEvent } from '../../models/provider.ts'
import type { Plan } from '../../policies/index.ts'
import type { Arrival } from './clocks.ts'
import type { Served, ServeOptions } from './serve.ts'

/** What a caller hears of an answer while it arrives. */
export interface Heard extends Arrival {
  readonly deployment: Deployment['id']
  readonly plan: Plan
  /** An answer that was kept. */
  readonly cached?: CachedFrom | undefined
}

/** For callers that hear text alone. */
export function hearText(onText: (delta: string) => void): NonNullable<ServeOptions['onArrival']> {
  return ({ events }) => {
    for (const event of events) if (event.type === 'text-delta') onText(event.text)
  }
}

/** An answer that was held back is heard whole. */
export async function hearWhole({ outcome, message }: Served, plan: Plan, { onArrival }: Pick<ServeOptions, 'onArrival'>): Promise<void> {
  const { model: deployment, finishReason, rawFinishReason, usage, servedModel, cached } = outcome
  const finish: ModelEvent = { type: 'finish', finishReason, rawFinishReason, usage, servedModel, message }
  await onArrival?.({ deployment, plan, cached, events: [{ type: 'start', servedModel }, ...eventsOf(message), finish] })
}

function eventsOf({ content }: Message): ModelEvent[] {
  return content.flatMap((part): ModelEvent[] => {
    switch (part.type) {
      case 'text':
        return [{ type: 'text-delta', text: part.text }]
      case 'reasoning':
        return [
          { type: 'reasoning-delta', text: part.text },
          { type: 'reasoning', part },
        ]
      case 'tool-call':
        return [
          { type: 'tool-call-delta', id: part.id, name: part.name, inputText: JSON.stringify(part.input) },
          { type: 'tool-call', call: part },
        ]
      default:
        return []
    }
  })
}

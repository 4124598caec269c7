import type { Deployment } from '../../models/deployment.ts'
import { wantsThoughtBack } from '../../models/providers/openai-models.ts'
import { toResponsesItems } from '../../models/providers/openai-responses-body.ts'
import type { ClientFormat } from '../../models/wire/client-format.ts'
import { withPolicyHeaders } from '../../policies/index.ts'
import type { Passage } from '../dispatch/passage.ts'
import type { LedgerView } from './ledger.ts'
import { type GivenBody, relayBody } from './relay-body.ts'
import type { StoredConversation } from './stored-responses.ts'

export interface PassageOptions {
  readonly format: ClientFormat
  /** Below `/v1`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly given: GivenBody
  readonly ledger: LedgerView
  /** What the request goes on from without saying it again (`previous_response_id`). */
  readonly before: StoredConversation | undefined
}

/** The request for those who speak its format: as it came, and whole where it leaned on an answer that is stored here. */
export function passageOf({ format, path, headers, given, ledger, before }: PassageOptions): Passage {
  const { request } = given
  return {
    format: format.name,
    relay(deployment, changes) {
      if (wantsThoughtBack(deployment.model) && !changes.withoutReasoning && ledger.lacksThought(request.messages, deployment.id))
        return undefined
      const whole =
        before === undefined
          ? given
          : { ...given, json: withBefore(given.json, before, deployment), changed: ['input', 'previous_response_id'] }
      return {
        path,
        headers: withPolicyHeaders(headers, changes.headers),
        body: Buffer.from(relayBody(format, whole, deployment, changes, ledger.fateFor(deployment.id))),
        model: deployment.model,
        stream: request.stream,
        hidesUsage: request.stream && !request.wantsUsage,
        computer: request.tools.find(({ computer }) => computer !== undefined)?.computer?.format,
      }
    },
    attribute: (messages, deployment) => ledger.attribute(messages, deployment.id),
  }
}

function withBefore(json: GivenBody['json'], before: StoredConversation, deployment: Deployment): GivenBody['json'] {
  const { input } = json
  const own = typeof input === 'string' ? [{ role: 'user', content: input }] : Array.isArray(input) ? input : []
  return {
    ...json,
    input: [...toResponsesItems(before.messages, deployment.id, deployment.model), ...own],
    previous_response_id: undefined,
  }
}

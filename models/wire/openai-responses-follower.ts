import { isRecord } from '../providers/failure.ts'
import type { AnswerFrame, ClientFailure, StreamFollower } from './client-format.ts'
import { failedResponse, toResponseError } from './openai-responses-answer.ts'
import { createResponsesStreamWriter } from './openai-responses-stream.ts'

type Fields = Record<string, unknown>

/**
 * Follows a stream whose events go out as their provider's own bytes. When it breaks off, `response.failed` goes on with its ids and
 * its numbers, and holds what had been said.
 */
export function followResponsesStream(frame: AnswerFrame): StreamFollower {
  const items = new Map<unknown, Fields>()
  let response: Fields | undefined
  let next = 0
  let isBegun = false

  /** The part at this index of a list of the item, which an event may name before it has told of it. */
  const partAt = ({ output_index: at }: Fields, list: string, index: unknown, empty: Fields): Fields => {
    const item = items.get(at)
    const parts = item?.[list]
    if (!Array.isArray(parts) || typeof index !== 'number') return {}
    parts[index] ??= empty
    return isRecord(parts[index]) ? parts[index] : {}
  }

  const append = (to: Fields | undefined, field: string, delta: unknown) => {
    if (to !== undefined && typeof delta === 'string') to[field] = `${typeof to[field] === 'string' ? to[field] : ''}${delta}`
  }

  return {
    follow(event) {
      const { type, sequence_number: number, output_index: at, item, delta } = event
      isBegun = true
      if (typeof number === 'number') next = number + 1
      switch (type) {
        case 'response.created':
        case 'response.in_progress':
          if (isRecord(event['response'])) response = event['response']
          break
        case 'response.output_item.added':
        case 'response.output_item.done':
          if (isRecord(item)) items.set(at, type === 'response.output_item.added' ? structuredClone(item) : item)
          break
        case 'response.output_text.delta':
          append(partAt(event, 'content', event['content_index'], { type: 'output_text', text: '', annotations: [] }), 'text', delta)
          break
        case 'response.refusal.delta':
          append(partAt(event, 'content', event['content_index'], { type: 'refusal', refusal: '' }), 'refusal', delta)
          break
        case 'response.reasoning_summary_text.delta':
          append(partAt(event, 'summary', event['summary_index'], { type: 'summary_text', text: '' }), 'text', delta)
          break
        case 'response.function_call_arguments.delta':
          append(items.get(at), 'arguments', delta)
          break
        case 'response.custom_tool_call_input.delta':
          append(items.get(at), 'input', delta)
      }
    },

    goOn() {
      // By their places: none is left out, and none is a call.
      const output = [...items].toSorted(([one], [other]) => Number(one) - Number(other)).map(([, item]) => item)
      return createResponsesStreamWriter(frame, { isBegun, response, output, next })
    },

    fail(failure: ClientFailure) {
      const output = [...items].toSorted(([one], [other]) => Number(one) - Number(other)).map(([, item]) => asBroken(item))
      const error = toResponseError(failure)
      const failed =
        response === undefined
          ? { ...failedResponse(frame, [], failure), output }
          : { ...response, model: frame.request.model, status: 'failed', error, output }
      const event = { type: 'response.failed', sequence_number: next, response: failed }
      return `event: response.failed\ndata: ${JSON.stringify(event)}\n\n`
    },
  }
}

function asBroken(item: Fields): Fields {
  return item['status'] === 'in_progress' ? { ...item, status: 'incomplete' } : item
}

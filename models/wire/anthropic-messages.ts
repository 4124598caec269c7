import { writeAnthropicAnswer, writeAnthropicFailure } from './anthropic-answer.ts'
import { readAnthropicRequest } from './anthropic-request.ts'
import { rewriteAnthropicBody } from './anthropic-rewrite.ts'
import { createAnthropicStreamWriter, followAnthropicStream } from './anthropic-stream.ts'
import type { ClientFormat } from './client-format.ts'

/** Anthropic's Messages, as Claude Code and the SDKs of Anthropic speak it. */
export const anthropicMessages: ClientFormat = {
  name: 'anthropic-messages',
  readRequest: readAnthropicRequest,
  writeAnswer: writeAnthropicAnswer,
  createStreamWriter: createAnthropicStreamWriter,
  followStream: followAnthropicStream,
  writeFailure: writeAnthropicFailure,
  rewriteBody: rewriteAnthropicBody,
}

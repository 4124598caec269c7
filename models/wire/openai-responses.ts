import type { ClientFormat } from './client-format.ts'
import { openaiError } from './openai-failure.ts'
import { writeResponsesAnswer } from './openai-responses-answer.ts'
import { followResponsesStream } from './openai-responses-follower.ts'
import { readResponsesRequest } from './openai-responses-request.ts'
import { rewriteResponsesBody } from './openai-responses-rewrite.ts'
import { createResponsesStreamWriter } from './openai-responses-stream.ts'

/** Responses, from the side of its clients. */
export const openaiResponses: ClientFormat = {
  name: 'openai-responses',
  readRequest: readResponsesRequest,
  writeAnswer: (finish, frame) => ({ ...writeResponsesAnswer(finish, frame) }),
  createStreamWriter: createResponsesStreamWriter,
  followStream: followResponsesStream,
  writeFailure: (failure) => ({ error: openaiError(failure) }),
  rewriteBody: rewriteResponsesBody,
}

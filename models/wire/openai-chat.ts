import type { ClientFormat } from './client-format.ts'
import { writeChatAnswer } from './openai-chat-answer.ts'
import { readChatRequest } from './openai-chat-request.ts'
import { rewriteChatBody } from './openai-chat-rewrite.ts'
import { createChatStreamWriter } from './openai-chat-stream.ts'
import { openaiError } from './openai-failure.ts'

/** Chat Completions, from the side of its clients. */
export const openaiChat: ClientFormat = {
  name: 'openai-chat',
  readRequest: readChatRequest,
  writeAnswer: (finish, frame) => ({ ...writeChatAnswer(finish, frame) }),
  createStreamWriter: createChatStreamWriter,
  writeFailure: (failure) => ({ error: openaiError(failure) }),
  rewriteBody: rewriteChatBody,
}

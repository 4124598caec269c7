/**
 * A stand-in for the clouds: an HTTP server on 127.0.0.1 that speaks OpenAI Responses (`/v1/responses`), Chat
 * Completions (`/v1/chat/completions`) and Anthropic Messages (`/v1/messages`), streamed or whole, from small scripts;
 * and lists models (`/v1/models`) and embeds (`/v1/embeddings`).
 *
 *     const cloud = await startScriptedProvider()
 *     cloud.script([{ status: 429, retryAfter: 2 }, { text: 'Hello' }])                  // the next two requests
 *     cloud.script([{ toolCalls: [{ name: 'add', input: { a: 1, b: 2 } }] }], 'gpt-5')   // the next one for this model
 *     cloud.script([{ text: 'One two', interrupt: { after: 'first-content', how: 'reset' } }])
 *     cloud.answer((request) => ({ text: `You said: ${request.prompt}` }))               // when nothing is scripted
 *     … base URL: cloud.openaiUrl, or cloud.url in Anthropic's way; afterwards: cloud.requests, cloud.close()
 *
 * `script.ts` says what a reply can be. By hand: `node test/support/scripted-provider/main.ts --port 8790`.
 */
export {
  type Answer,
  emptyStream,
  type Failure,
  type FailureName,
  garbageStream,
  htmlPage,
  type Interruption,
  type RawReply,
  type Reply,
  type ScriptedToolCall,
} from './script.ts'
export { type RecordedRequest, type ScriptedProvider, type ScriptedProviderOptions, startScriptedProvider } from './server.ts'

import type { ToolCallPart } from '../message.ts'
import type { ModelFinish } from '../provider.ts'
import type { AnswerFrame, StreamWriter } from './client-format.ts'
import { chatFinishReason, toChatUsage } from './openai-chat-answer.ts'
import { openaiError } from './openai-failure.ts'
import { createTextInputReader, type TextInputReader } from './openai-text-input.ts'

interface WrittenCall {
  index: number
  /** Whether anything of its arguments has been written but space. */
  begun: boolean
  /** Of tools that take a text. */
  text: TextInputReader | undefined
}

/**
 * An answer in chunks: the role with the first thing that is said, then text, reasoning (`reasoning_content`) and calls as
 * they arrive, the finish reason, usage where it was asked for, and `[DONE]`.
 *
 * What no event told before, such as the text of an answer that came whole, is taken from `finish`.
 */
export function createChatStreamWriter({ request, id, createdAt }: AnswerFrame): StreamWriter {
  const model = JSON.stringify(request.model)
  const head = `data: {"id":"chatcmpl-${id}","object":"chat.completion.chunk","created":${Math.floor(createdAt / 1000)},"model":${model},`
  const tail = request.wantsUsage ? ',"usage":null}\n\n' : '}\n\n'
  const calls = new Map<string, WrittenCall>()
  const early = new Map<string, string>()
  let opened = false
  let said = false
  let thought = false
  let refused = false

  const chunk = (delta: string, reason = 'null') => {
    const first = opened ? '' : `${head}"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]${tail}`
    opened = true
    return `${first}${head}"choices":[{"index":0,"delta":{${delta}},"finish_reason":${reason}}]${tail}`
  }

  const onText = (text: string, refusal: boolean) => {
    if (text === '') return ''
    said = true
    refused ||= refusal
    return chunk(`"${refusal ? 'refusal' : 'content'}":${JSON.stringify(text)}`)
  }

  const onReasoning = (text: string) => {
    if (text === '') return ''
    thought = true
    return chunk(`"reasoning_content":${JSON.stringify(text)}`)
  }

  const openCall = (callId: string, name: string): { call: WrittenCall; text: string } => {
    const written = calls.get(callId)
    if (written !== undefined) return { call: written, text: '' }
    const takesText = request.textTools.has(name)
    const call = { index: calls.size, begun: false, text: takesText ? createTextInputReader() : undefined }
    calls.set(callId, call)
    const kind = takesText
      ? `"type":"custom","custom":{"name":${JSON.stringify(name)},"input":""}`
      : `"type":"function","function":{"name":${JSON.stringify(name)},"arguments":""}`
    return { call, text: chunk(`"tool_calls":[{"index":${call.index},"id":${JSON.stringify(callId)},${kind}}]`) }
  }

  const addInput = (call: WrittenCall, text: string) => {
    if (text === '') return ''
    call.begun ||= text.trim() !== ''
    const kind = call.text === undefined ? 'function":{"arguments' : 'custom":{"input'
    return chunk(`"tool_calls":[{"index":${call.index},"${kind}":${JSON.stringify(text)}}}]`)
  }

  const onCallDelta = (callId: string, name: string, inputText: string) => {
    // A call is written under its name, so what comes before that is kept.
    if (name === '') {
      early.set(callId, (early.get(callId) ?? '') + inputText)
      return ''
    }
    const { call, text } = openCall(callId, name)
    const input = (early.get(callId) ?? '') + inputText
    early.delete(callId)
    return text + addInput(call, call.text === undefined ? input : call.text.read(input))
  }

  const onCall = (part: ToolCallPart) => {
    const { call, text } = openCall(part.id, part.name)
    if (call.text !== undefined) return text + addInput(call, call.text.end(part))
    return call.begun ? text : text + addInput(call, JSON.stringify(part.input))
  }

  const onFinish = ({ finishReason, message, usage }: ModelFinish) => {
    let rest = ''
    const before = { said, thought }
    for (const part of message.content) {
      if (part.type === 'reasoning' && !before.thought) rest += onReasoning(part.text)
      else if (part.type === 'text' && !before.said) rest += onText(part.text, finishReason === 'refusal')
      else if (part.type === 'tool-call' && !calls.has(part.id)) rest += onCall(part)
    }
    rest += chunk('', JSON.stringify(refused ? 'stop' : chatFinishReason(finishReason)))
    if (request.wantsUsage) rest += `${head}"choices":[],"usage":${JSON.stringify(toChatUsage(usage))}}\n\n`
    return `${rest}data: [DONE]\n\n`
  }

  return {
    write(event) {
      switch (event.type) {
        case 'text-delta':
          return onText(event.text, event.refusal === true)
        case 'reasoning-delta':
          return onReasoning(event.text)
        case 'tool-call-delta':
          return onCallDelta(event.id, event.name, event.inputText)
        case 'tool-call':
          return onCall(event.call)
        case 'finish':
          return onFinish(event)
        default:
          return ''
      }
    },
    fail: (failure) => `data: ${JSON.stringify({ error: openaiError(failure) })}\n\n`,
  }
}

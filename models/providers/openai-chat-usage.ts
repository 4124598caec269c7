import { parseJson } from './answer.ts'
import { isRecord } from './failure.ts'

const option = '"stream_options":{"include_usage":true}'

/**
 * The body with the wish for usage. It goes to the end and everything else stays as it is, unless the body has options
 * already: then it is written anew, since servers disagree about a key that stands twice.
 */
export function askingForUsage(bytes: Uint8Array): Uint8Array {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = body.lastIndexOf('}')
  if (end === -1) return bytes
  if (!body.includes('"stream_options"')) {
    const isEmpty = body.subarray(0, end).toString('latin1').trim() === '{'
    return Buffer.concat([body.subarray(0, end), Buffer.from(isEmpty ? option : `,${option}`), body.subarray(end)])
  }
  const parsed = parseJson(body.toString('utf8'))
  if (!isRecord(parsed)) return bytes
  const options = isRecord(parsed['stream_options']) ? parsed['stream_options'] : {}
  return Buffer.from(JSON.stringify({ ...parsed, stream_options: { ...options, include_usage: true } }))
}

/** The chunk that comes for that wish and for nothing else: usage, and no choice. */
export function isUsageAlone(text: string): boolean {
  if (!text.includes('"usage"') || !/"choices"\s*:\s*\[\s*\]/.test(text)) return false
  const chunk = parseJson(text)
  return isRecord(chunk) && isRecord(chunk['usage']) && Array.isArray(chunk['choices']) && chunk['choices'].length === 0
}

/** Hosts that document the option, beside OpenAI and Azure. Mistral's refuses fields that it does not know, others may. */
const hosts =
  /(?:^|\.)(?:openai\.com|openai\.azure\.com|openrouter\.ai|groq\.com|together\.xyz|fireworks\.ai|deepseek\.com|x\.ai|googleapis\.com|moonshot\.(?:ai|cn)|cerebras\.ai|deepinfra\.com)$/

/** Names and addresses of one's own machines, where vLLM, Ollama, LM Studio and llama.cpp answer: they all take it. */
const own = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+)$/

/** Whether a server takes `stream_options.include_usage`; of others it is not known, and a client's request must not fail for our counting. */
export function tellsUsageWhenAsked(hostname: string): boolean {
  return hosts.test(hostname) || own.test(hostname)
}

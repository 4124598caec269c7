import type { Reply, ScriptedProvider } from '../support/scripted-provider/index.ts'

/** Lets the scripted provider do what a real service does with the rows: it reads, calls tools, sees red, counts, refuses. */
export function behaveLikeAService(
  cloud: ScriptedProvider,
  { models, longestPrompt }: { models: readonly string[]; longestPrompt: number },
): void {
  cloud.answer((request): Reply => {
    const input = Math.ceil(request.bytes.length / 4)
    if (!models.includes(request.model)) return { fail: 'not-found' }
    if (request.prompt.length > longestPrompt) return { fail: 'input-too-long' }
    const [result, other] = request.toolResults
    if (other !== undefined && result !== undefined) return { text: `${result.text} in Paris and ${other.text} in Rome` }
    if (result !== undefined) return { text: `It is ${result.text}.` }
    if (request.tools.includes('add')) return { toolCalls: [{ name: 'add', input: { a: 17, b: 25 }, id: 'call_Vu8dXk2p9QwErTy1' }] }
    if (request.tools.includes('temperature')) {
      return {
        toolCalls: ['Paris', 'Rome'].map((city, index) => ({ name: 'temperature', input: { city }, id: `call_Zx7Kq0${index}LmNbVcXs` })),
      }
    }
    if (request.images > 0) return { text: 'Red' }
    if (request.prompt.startsWith('Count')) return { text: 'one, two, three, four, five, six', delays: { between: 5 } }
    const cached = request.system === '' ? 0 : 4000
    const usage = { inputTokens: input - cached, cacheReadTokens: cached, outputTokens: 3 }
    return { text: request.prompt.includes('pong') ? 'pong' : 'Yes', usage }
  })
}

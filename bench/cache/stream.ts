import { openSqliteStore } from '../../memory/index.ts'
import type { Embedder } from '../../models/embedder.ts'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import type { Line } from '../../src/dispatch/line.ts'
import { deployment, pool } from '../../test/support/deployments.ts'
import { lineOf } from '../../test/support/line.ts'

export interface Asked {
  readonly text: string
  /** Questions of the same meaning have the same answer. */
  readonly meaning: string
  readonly principal?: string | undefined
}

export interface StreamResult {
  readonly asked: number
  readonly exact: number
  readonly semantic: number
  /** Semantic ones whose answer belongs to another meaning. */
  readonly wrong: readonly { readonly text: string; readonly given: string }[]
  /** Answers that another caller was given before. */
  readonly leaked: number
}

/** Asks all of it on a line over a model that answers each meaning with words of its own, and looks at what is answered without it. */
export async function ask(stream: Iterable<Asked>, embedder: Embedder, cache: object): Promise<StreamResult> {
  const store = await openSqliteStore({ path: ':memory:' })
  const pools = [pool('only', [deployment('stand/in', { local: true })])]
  let answer = ''
  const policy = { name: 'stream', default: { prefer: 'first' }, cache: { answers: 'semantic', ...cache } }
  const bare = await lineOf({
    pools,
    policy,
    store,
    providers: [
      {
        name: 'stand',
        format: 'stand-in',
        async *send() {
          yield { type: 'text-delta', text: answer }
          yield {
            type: 'finish',
            finishReason: 'stop',
            usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
            message: { role: 'assistant', content: [{ type: 'text', text: answer }] },
          }
        },
        forward: () => Promise.reject(new TypeError('nothing is forwarded here')),
      },
    ],
  })
  const parsed = bare.policy()
  const line: Line = {
    ...bare,
    policy: () => parsed,
    embedderId: embedder.id,
    embedText: async (text, signal) => (await embedder.embed([text], { signal, priority: 'query' }))[0],
    embedWords: async (texts) => embedder.embedWords?.(texts),
  }
  const signal = new AbortController().signal
  const wrong: { text: string; given: string }[] = []
  let [asked, exact, semantic, leaked] = [0, 0, 0, 0]
  for (const { text, meaning, principal = 'one' } of stream) {
    answer = `${principal}: ${meaning}`
    asked += 1
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }]
    const { outcome } = await dispatchStep(line, { principal, client: undefined, thread: undefined, messages }, { signal })
    const { cached } = outcome
    if (cached === undefined) continue
    if (!outcome.text.startsWith(`${principal}: `)) leaked += 1
    if (cached.match === 'exact') exact += 1
    else {
      semantic += 1
      if (outcome.text !== answer) wrong.push({ text, given: outcome.text })
    }
  }
  await store.close()
  return { asked, exact, semantic, wrong, leaked }
}

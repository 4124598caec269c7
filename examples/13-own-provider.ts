// A provider: it makes one call and yields what arrives. Retries, fallbacks, time limits and the books are the router's.
import { defineProvider, ProviderError } from 'signalbox/provider'

const words: Readonly<Record<string, string>> = {
  polite: 'Thank you for asking: the next ferry leaves at 07:40 from quay four.',
  brief: '07:40, quay four.',
}

export const timetable = defineProvider({
  name: 'timetable',
  // Nothing leaves this machine, and so it costs nothing.
  local: true,
  models: { polite: { contextTokens: 8_000 }, brief: { contextTokens: 8_000 } },
  async *send({ model }, { signal }) {
    const answer = words[model]
    if (answer === undefined)
      throw new ProviderError(`There is no timetable "${model}"`, { kind: 'not_found', deployment: `timetable/${model}` })
    for (const word of answer.match(/\S+\s*/g) ?? []) {
      signal?.throwIfAborted()
      yield { type: 'text-delta', text: word }
    }
    yield { type: 'finish', finishReason: 'stop', usage: { outputTokens: answer.split(' ').length } }
  },
})

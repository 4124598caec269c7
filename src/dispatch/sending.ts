import type { ModelRequest, Provider } from '../../models/provider.ts'
import type { Arrival } from './clocks.ts'

/** A call of a provider in our vocabulary: each event arrives by itself. */
export function sending(provider: Provider, request: ModelRequest): (signal: AbortSignal) => AsyncIterable<Arrival> {
  return async function* arrivals(signal) {
    for await (const event of provider.send(request, { signal })) yield { events: [event] }
  }
}

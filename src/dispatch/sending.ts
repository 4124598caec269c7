import type { ModelRequest, Provider } from '../../models/provider.ts'
import type { Arrival } from './clocks.ts'
import { forComputerClient } from './computer-calls.ts'

/** A call of a provider in our vocabulary: each event arrives by itself. */
export function sending(provider: Provider, request: ModelRequest): (signal: AbortSignal) => AsyncIterable<Arrival> {
  return async function* arrivals(signal) {
    const forClient = forComputerClient(request, `${provider.name}/${request.model}`)
    for await (const event of provider.send(request, { signal })) yield { events: [forClient === undefined ? event : forClient(event)] }
  }
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
}

export interface Received {
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: { resourceSpans: { resource: unknown; scopeSpans: { scope: unknown; spans: SentSpan[] }[] }[] }
}

export interface Collector {
  /** The base address, and where traces are posted. */
  readonly base: string
  readonly url: string
  readonly received: readonly Received[]
  spans(): SentSpan[]
  close(): Promise<void>
}

/** Takes OTLP over HTTP, and answers with these statuses in turn, the last one for ever. */
export async function startCollector(...statuses: readonly number[]): Promise<Collector> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(pieces).toString()) as Received['body'] })
    response.writeHead(statuses[Math.min(received.length, statuses.length) - 1] ?? 200, { connection: 'close' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    base,
    url: `${base}/v1/traces`,
    received,
    spans: () => received.flatMap(({ body }) => body.resourceSpans.flatMap((one) => one.scopeSpans.flatMap(({ spans }) => spans))),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

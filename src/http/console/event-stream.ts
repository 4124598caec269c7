import type { Live } from '../../console/live.ts'

const beatMs = 15_000

/** Server-sent events, until the signal or the reader ends them. A comment now and then shows that the line still stands. */
export function eventStream(live: Live, signal: AbortSignal): Response {
  const encoder = new TextEncoder()
  let end: () => void = () => undefined
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => controller.enqueue(encoder.encode(text))
      write(': connected\n\n')
      const stop = live.follow(({ event, ...data }) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
      const beat = setInterval(() => write(': still here\n\n'), beatMs)
      end = () => {
        end = () => undefined
        stop()
        clearInterval(beat)
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = () => {
        end()
        controller.close()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
    },
    cancel() {
      end()
    },
  })
  return new Response(stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}

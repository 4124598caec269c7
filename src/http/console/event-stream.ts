import type { Live } from '../../console/live.ts'

const beatMs = 15_000
/** A browser that sleeps reads nothing; when it wakes it connects anew and is told all of it again. */
const mostWaiting = 100

/**
 * Server-sent events, until the signal or the reader ends them, or so many wait for the reader. A comment now and then shows that the
 * line still stands.
 */
export function eventStream(live: Live, signal: AbortSignal): Response {
  const encoder = new TextEncoder()
  let end: () => void = () => undefined
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        controller.enqueue(encoder.encode(text))
        if (-(controller.desiredSize ?? 0) > mostWaiting) close()
      }
      write(': connected\n\n')
      const stop = live.follow(({ event, ...data }) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
      const beat = setInterval(() => write(': still here\n\n'), beatMs)
      end = () => {
        end = () => undefined
        stop()
        clearInterval(beat)
        signal.removeEventListener('abort', close)
      }
      const close = () => {
        end()
        controller.close()
      }
      signal.addEventListener('abort', close, { once: true })
      if (signal.aborted) close()
    },
    cancel() {
      end()
    },
  })
  return new Response(stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}

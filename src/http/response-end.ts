/**
 * Tells once when a response has been delivered (`true`) or was given up by its receiver or its source (`false`).
 * A response without a body has been delivered at once.
 */
export function whenEnded(response: Response, tell: (delivered: boolean) => void): Response {
  if (response.body === null) {
    tell(true)
    return response
  }
  let isOver = false
  // Whoever gives a stream up while more of it is awaited ends that wait as well.
  const ended = (delivered: boolean) => {
    if (!isOver) tell(delivered)
    isOver = true
  }
  const reader = response.body.getReader()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        controller.close()
        ended(true)
      } catch (error) {
        controller.error(error)
        ended(false)
      }
    },
    async cancel(reason) {
      ended(false)
      await reader.cancel(reason)
    },
  })
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers })
}

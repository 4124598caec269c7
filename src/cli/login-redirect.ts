import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LoginRedirect {
  readonly url: string
  /** Only who brings it back is listened to. */
  readonly state: string
  /** What the browser brought. */
  readonly answer: Promise<URLSearchParams>
  close(): void
}

/** Listens on a free port of this machine, for one login, until the browser comes back from the authorization server. */
export async function openLoginRedirect(): Promise<LoginRedirect> {
  const state = randomBytes(32).toString('base64url')
  const { promise: answer, resolve } = Promise.withResolvers<URLSearchParams>()
  const server = createServer((request, response) => {
    const refusal = refusalOf(request)
    const { searchParams } = new URL(request.url ?? '/', url)
    if (refusal !== undefined) return say(response, refusal.status, refusal.text)
    if (!isSame(searchParams.getAll('state'), state))
      return say(response, 400, 'This is not the answer to a login that Signalbox has begun.')
    say(response, 200, 'Signalbox has the answer: see the terminal for how it went. This page can be closed.')
    resolve(searchParams)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `http://${origin}/callback`

  function refusalOf({ method, headers, url: path }: IncomingMessage): { status: number; text: string } | undefined {
    if (headers.host !== origin) return { status: 403, text: 'Wrong host.' }
    if (method !== 'GET' || new URL(path ?? '/', url).pathname !== '/callback') return { status: 404, text: 'Nothing is here.' }
    return undefined
  }

  return {
    url,
    state,
    answer,
    close() {
      server.close()
      // What browsers open in advance would keep the command from ending; the last answer has to get out first.
      setTimeout(() => server.closeAllConnections(), 300)
    },
  }
}

function isSame(given: readonly string[], state: string): boolean {
  const [one = '', ...others] = given
  return others.length === 0 && Buffer.byteLength(one) === state.length && timingSafeEqual(Buffer.from(one), Buffer.from(state))
}

function say(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', connection: 'close' })
    .end(`${text}\n`)
}

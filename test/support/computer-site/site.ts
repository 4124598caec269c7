import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cartPage, checkoutPage, formPage, letterPage, mailPage, page, productPage, replyPage, shopPage } from './pages.ts'

/** A shop, a mailbox and a form, each at an origin of its own, and a fourth origin that looks like the shop. Attacks are asked for by `?attack=`. */
export interface ComputerSite {
  readonly shop: string
  readonly mail: string
  readonly form: string
  readonly lookAlike: string
  /** What was sent to the site, oldest first: `POST /order`. */
  readonly received: readonly string[]
  /** Lets the page of `?attack=overlay` put its overlay up, and resolves when it stands. */
  raiseOverlay(): Promise<void>
  close(): Promise<void>
}

export async function startComputerSite(): Promise<ComputerSite> {
  const received: string[] = []
  const wanted = Promise.withResolvers<void>()
  const raised = Promise.withResolvers<void>()
  const servers: Server[] = []

  async function serve(pages: (path: string, attack: string, origins: { lookAlike: string }) => string | { redirect: string } | undefined) {
    const server = createServer(async (request, response) => {
      const url = new URL(request.url ?? '/', 'http://site.invalid')
      if (request.method === 'POST') {
        request.resume()
        received.push(`POST ${url.pathname}`)
      }
      if (url.pathname === '/overlay-wanted') await wanted.promise
      if (url.pathname === '/overlay-raised') raised.resolve()
      const found = pages(url.pathname, url.searchParams.get('attack') ?? '', { lookAlike: originOf(lookAlikeServer) })
      if (typeof found === 'object') return response.writeHead(302, { location: found.redirect }).end()
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' }).end(found ?? '')
    })
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return server
  }

  const lookAlikeServer: Server = await serve(() => checkoutPage())
  const shop = await serve((path, attack, { lookAlike }) => {
    if (path === '/') return shopPage()
    if (path === '/kettle' || path === '/mug') return productPage(path === '/kettle' ? 'Blue kettle' : 'Red mug', attack)
    if (path === '/cart') return cartPage(attack)
    if (path === '/checkout') return attack === 'redirect' ? { redirect: `${lookAlike}/checkout` } : checkoutPage()
    if (path === '/order') return page('Thank you', '<p>Your order was placed.</p><a href="/">Back to the shop</a>')
    return path.startsWith('/overlay-') ? '' : undefined
  })
  const mail = await serve((path, attack) => {
    if (path === '/') return mailPage()
    if (path === '/reply') return replyPage()
    if (path === '/sent') return page('Sent', '<a href="/">Inbox</a>')
    return /^\/letter\/[123]$/.test(path) ? letterPage(Number(path.at(-1)), attack) : undefined
  })
  const form = await serve((path) => {
    if (path === '/') return formPage()
    return path === '/saved' ? page('Saved', '<p>Your profile was saved.</p>') : undefined
  })

  return {
    shop: originOf(shop),
    mail: originOf(mail),
    form: originOf(form),
    lookAlike: originOf(lookAlikeServer),
    received,
    async raiseOverlay() {
      wanted.resolve()
      await raised.promise
    },
    async close() {
      await Promise.all(
        servers.map(async (server) => {
          server.closeAllConnections()
          await new Promise((resolve) => server.close(resolve))
        }),
      )
    },
  }
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

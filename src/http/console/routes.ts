import { isJsonContentType, readRequestBody } from '@modelcontextprotocol/server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { z } from 'zod'
import { ownerRole } from '../../caller.ts'
import type { Console } from '../../console/console.ts'
import { meaningOf, speakableMessage } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { maxMessageBytes } from '../../mcp/limits.ts'
import { describeIssues } from '../../mcp/tools.ts'
import type { Signalbox } from '../../signalbox.ts'
import { refuse } from '../answers.ts'
import { runOperation } from '../operations.ts'
import { eventStream } from './event-stream.ts'
import { type BuiltFile, readBuiltFiles } from './files.ts'
import type { ConsoleLogin } from './login.ts'

export interface ConsoleRoutesOptions {
  readonly box: Signalbox
  readonly log: Log
  readonly login: ConsoleLogin
  /** Refuses what was not sent to this machine, as on every path. */
  readonly refuseAddress: (headers: Headers) => { readonly status: number; readonly refused: string } | undefined
  readonly stopping: AbortSignal
}

interface Known {
  Variables: { session: AbortSignal; body: unknown }
}

/** No script but the built one, no form, no frame, and no way for text to become markup. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** Of the console's own script: no form and no link of another page can send it. */
const ownHeader = 'x-signalbox-console'
const api = '/console/api'
const principal = z.string().min(1).max(200).default('local')

/** What the console may run of what every caller can: the rest needs a client. */
const operations = ['status', 'threads', 'recall', 'forget'] as const

/**
 * The console: its built files at `/`, which tell nothing and need no key, and what it asks for under `/console/api`, which
 * needs the cookie that the token of the instance was exchanged for.
 */
export function consoleRoutes({ box, log, login, refuseAddress, stopping }: ConsoleRoutesOptions): Hono<Known> {
  const app = new Hono<Known>()
  const { console: owner } = box
  let files: ReturnType<typeof readBuiltFiles> | undefined

  const atDoor: MiddlewareHandler<Known> = async (c, next) => {
    const refused = refuseAddress(c.req.raw.headers) ?? refuseForeign(c)
    if (refused === undefined) await next()
    else c.res = refuse(c.req.path, refused.status, refused.refused)
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value)
    if (c.req.path.startsWith(api)) c.res.headers.set('cache-control', 'no-store')
  }
  const signedIn: MiddlewareHandler<Known> = async (c, next) => {
    const session = login.session(c.req.header('cookie') ?? null)
    if (session === undefined) return refuse(c.req.path, 401, 'Log in: open the address that "signalbox console" prints')
    c.set('session', session)
    if (c.req.method !== 'POST') return next()
    if (!isJsonContentType(c.req.header('content-type') ?? null)) return refuse(c.req.path, 415, 'Content-Type must be application/json')
    const body = await readRequestBody(c.req.raw, maxMessageBytes)
    if (body.tooLarge) return refuse(c.req.path, 413, `The body must have at most ${maxMessageBytes} bytes`)
    try {
      c.set('body', JSON.parse(body.text))
    } catch {
      return refuse(c.req.path, 400, 'The body is not valid JSON')
    }
    return next()
  }

  app.use('/', atDoor)
  app.use('/console/*', atDoor)
  app.get('/', async (c) => {
    files ??= readBuiltFiles()
    const page = (await files)?.get('index.html')
    if (page === undefined) return c.text('The console is not built. In a clone: npm run build', 503)
    return send(c, page, 'no-cache')
  })
  app.get('/console/assets/:file', async (c) => {
    files ??= readBuiltFiles()
    const file = (await files)?.get(`assets/${c.req.param('file')}`)
    return file === undefined ? notFound(c) : send(c, file, 'public, max-age=31536000, immutable')
  })

  app.post(`${api}/login`, (c) => {
    const cookie = login.enter(bearerOf(c))
    if (cookie === undefined) return refuse(c.req.path, 401, 'This is not the token of this instance, or its code was used')
    c.header('set-cookie', cookie)
    return c.json({ version: box.version })
  })
  app.post(`${api}/codes`, (c) => {
    const code = login.code(bearerOf(c))
    return code === undefined ? refuse(c.req.path, 401, 'This is not the token of this instance') : c.json({ code })
  })

  app.use(`${api}/*`, signedIn)
  app.post(`${api}/logout`, (c) => {
    login.leave(c.req.header('cookie') ?? null)
    c.header('set-cookie', login.leaving())
    return c.json({})
  })
  app.get(`${api}/session`, (c) => c.json({ version: box.version }))
  app.get(`${api}/events`, (c) => eventStream(owner.live, AbortSignal.any([c.get('session'), stopping, c.req.raw.signal])))
  app.post(`${api}/operations/:name`, (c) => {
    const name = operations.find((one) => one === c.req.param('name'))
    if (name === undefined) return notFound(c)
    return runAs(c, name, principal.parse(c.req.query('principal')), c.get('body'))
  })
  addStepRoutes(app, owner, runAs)
  addPolicyRoutes(app, owner)
  addToolRoutes(app, owner)
  addFrameRoutes(app, owner)
  app.get(`${api}/pools`, async (c) => c.json(await owner.pools(hours.parse(Number(c.req.query('hours') ?? 24)))))
  app.get(`${api}/principals`, async (c) => c.json({ principals: await owner.principals() }))
  app.get(`${api}/start`, async (c) => c.json(await owner.start(c.req.raw.signal)))
  addApprovalRoutes(app, owner)
  addCommitmentRoutes(app, owner)
  app.all('/console/*', notFound)
  app.onError((error, c) => {
    if (error instanceof z.ZodError) return refuse(c.req.path, 400, describeIssues(error))
    const message = speakableMessage(error)
    if (message !== undefined) return refuse(c.req.path, meaningOf(error)?.http ?? 400, message)
    log.error(`Cannot answer ${c.req.method} ${c.req.path}`, { error })
    return refuse(c.req.path, 500, 'Internal error: the reason is in the log of Signalbox')
  })
  return app

  /** As the owner who stands in for a caller, through the operation that the caller has itself. */
  function runAs(c: Context<Known>, name: string, as: string, body: unknown): Promise<Response> {
    const { path, raw } = c.req
    return runOperation(box, name, { path, grant: { principal: as, roles: [ownerRole] }, body, signal: raw.signal }, log)
  }
}

type RunAs = (c: Context<Known>, name: string, principal: string, body: unknown) => Promise<Response>

const whole = z.string().max(500).optional()
const rating = z.strictObject({ outcome: z.enum(['good', 'wrong', 'overkill', 'failed']), note: z.string().max(2000).optional() })

function addStepRoutes(app: Hono<Known>, owner: Console, runAs: RunAs): void {
  app.get(`${api}/steps`, async (c) => c.json(await owner.steps(whole.parse(c.req.query('cursor')))))
  app.get(`${api}/steps/:id`, async (c) => {
    const step = await owner.step(c.req.param('id'))
    return step === undefined ? notFound(c) : c.json(step)
  })
  app.post(`${api}/steps/:id/rating`, async (c) => {
    const given = rating.parse(c.get('body'))
    const step = await owner.step(c.req.param('id'))
    return step === undefined ? notFound(c) : runAs(c, 'rate', step.principal, { decision: step.id, ...given, by: 'person' })
  })
}

const policyText = z.string().max(1_000_000)
const givenPolicy = z.union([z.strictObject({ name: z.string().max(200) }), z.strictObject({ text: policyText })])
const hours = z
  .int()
  .min(1)
  .max(24 * 366)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

function addPolicyRoutes(app: Hono<Known>, { policies }: Console): void {
  app.get(`${api}/policy`, async (c) => c.json(await policies.state()))
  app.post(`${api}/steps/:id/what-if`, async (c) => {
    const { policy } = z.strictObject({ policy: givenPolicy }).parse(c.get('body'))
    const planned = await policies.whatIf(c.req.param('id'), policy, c.req.raw.signal)
    return planned === undefined ? notFound(c) : c.json(planned)
  })
  app.post(`${api}/policy/check`, async (c) => {
    const { text } = z.strictObject({ text: policyText }).parse(c.get('body'))
    return c.json(await policies.check(text, c.req.raw.signal))
  })
  app.post(`${api}/policy/replay`, async (c) => {
    const { policy, hours: back } = z.strictObject({ policy: givenPolicy, hours }).parse(c.get('body'))
    return c.json(await policies.replay(policy, back, c.req.raw.signal))
  })
  app.post(`${api}/policy/publish`, async (c) => {
    const given = z.strictObject({ text: policyText, checked: sha256, base: sha256 }).parse(c.get('body'))
    return c.json(await policies.publish(given, c.req.raw.signal))
  })
}

function addToolRoutes(app: Hono<Known>, owner: Console): void {
  app.get(`${api}/tools`, async (c) => c.json(await owner.tools()))
  app.post(`${api}/tools/search`, async (c) => {
    const { need } = z.strictObject({ need: z.string().trim().min(1).max(4000) }).parse(c.get('body'))
    return c.json(await owner.searchTools(need, c.req.raw.signal))
  })
  app.post(`${api}/tools/pins/:name`, async (c) => {
    const name = c.req.param('name')
    await owner.acceptPin(name, z.strictObject({ hash: sha256 }).parse(c.get('body')).hash)
    return c.json({ accepted: name })
  })
}

function addFrameRoutes(app: Hono<Known>, owner: Console): void {
  app.get(`${api}/frames`, async (c) => c.json(await owner.frames(whole.parse(c.req.query('cursor')))))
  app.get(`${api}/frames/:id`, async (c) => {
    const frame = await owner.frame(c.req.param('id'))
    return frame === undefined ? notFound(c) : c.json(frame)
  })
  app.get(`${api}/frames/:id/image`, async (c) => {
    const image = await owner.frameImage(c.req.param('id'))
    return image === undefined ? notFound(c) : c.body(Uint8Array.from(image.bytes), 200, { 'content-type': image.mediaType })
  })
}

const verdict = z.strictObject({ verdict: z.enum(['accepted', 'denied']) })

function addApprovalRoutes(app: Hono<Known>, owner: Console): void {
  app.get(`${api}/approvals`, async (c) => c.json({ approvals: await owner.approvals() }))
  app.post(`${api}/approvals/:id`, async (c) => {
    const decided = await owner.decide(c.req.param('id'), verdict.parse(c.get('body')).verdict)
    return decided === undefined
      ? refuse(c.req.path, 409, 'Nothing of this id waits: it was decided, has expired, or never was')
      : c.json(decided)
  })
}

const change = z.strictObject({ do: z.enum(['accept', 'lift']) })

function addCommitmentRoutes(app: Hono<Known>, owner: Console): void {
  app.get(`${api}/commitments`, async (c) => c.json({ commitments: await owner.commitments() }))
  app.post(`${api}/commitments/:id`, async (c) => {
    const { do: verb } = change.parse(c.get('body'))
    const changed = await owner.changeCommitment(c.req.param('id'), verb)
    return changed === undefined
      ? refuse(c.req.path, 409, `There is no commitment of this id to ${verb}: it has ended, binds already, or never was`)
      : c.json(changed)
  })
}

/**
 * A cookie goes along whoever sends a request, so that each has to say where it comes from: from this very address, port
 * included, and with a header that only a script of ours can set.
 */
function refuseForeign(c: Context<Known>): { status: number; refused: string } | undefined {
  const origin = c.req.header('origin')
  const host = c.req.header('host') ?? ''
  const isOwn = origin === undefined || origin === `http://${host}` || origin === `https://${host}`
  if (!isOwn) return { status: 403, refused: `The console is used from its own address alone, received a request of ${origin}` }
  const site = c.req.header('sec-fetch-site')
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
  if (c.req.path.startsWith(api) && site !== undefined && site !== 'same-origin')
    return { status: 403, refused: `The console is used from its own address alone, received a request that is ${site}` }
  if (!isRead && c.req.header(ownHeader) === undefined)
    return { status: 403, refused: `A request that changes something needs the header ${ownHeader}` }
  return undefined
}

function bearerOf(c: Context<Known>): string | undefined {
  return /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
}

function notFound(c: Context<Known>): Response {
  return refuse(c.req.path, 404, `There is nothing at ${c.req.method} ${c.req.path}`)
}

function send(c: Context<Known>, { type, bytes, gzipped }: BuiltFile, cache: string): Response {
  const isGzip = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
  c.header('content-type', type)
  c.header('cache-control', cache)
  c.header('vary', 'accept-encoding')
  if (isGzip) c.header('content-encoding', 'gzip')
  return c.body(isGzip ? gzipped : bytes)
}

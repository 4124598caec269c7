import { z } from 'zod'
import { instanceToken } from '../config/instance-token.ts'
import type { StepSummary } from '../console/wire.ts'
import { httpDoors } from '../instance/http-door.ts'

/** A running HTTP server of Signalbox, asked through the door of its console. */
export interface Running {
  readonly url: string
  status(signal: AbortSignal): Promise<Record<string, unknown>>
  steps(signal: AbortSignal): Promise<readonly StepSummary[]>
}

const page = z.object({ steps: z.array(z.custom<StepSummary>((one) => typeof one === 'object' && one !== null)) })
const fields = z.record(z.string(), z.unknown())
const askMs = 3000

/** `undefined`: none runs on this data. */
export async function findRunning(dataFolder: string, signal: AbortSignal): Promise<Running | undefined> {
  const token = await instanceToken(dataFolder)
  for (const url of httpDoors(dataFolder)) {
    const cookie = await login(url, token, signal)
    if (cookie !== undefined) return runningAt(url, cookie)
  }
  return undefined
}

function runningAt(url: string, cookie: string): Running {
  const ask = async (path: string, method: 'GET' | 'POST', signal: AbortSignal): Promise<unknown> => {
    const response = await fetch(`${url}/console/api/${path}`, {
      method,
      headers: { cookie, 'x-signalbox-console': '1', ...(method === 'POST' && { 'content-type': 'application/json' }) },
      ...(method === 'POST' && { body: '{}' }),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(askMs)]),
    })
    if (!response.ok) throw new Error(`Cannot ask ${url} for ${path}: it answered ${response.status}`)
    return response.json()
  }
  return {
    url,
    status: async (signal) => fields.parse(await ask('operations/status', 'POST', signal)),
    steps: async (signal) => page.parse(await ask('steps', 'GET', signal)).steps,
  }
}

function login(url: string, token: string, signal: AbortSignal): Promise<string | undefined> {
  return atDoor(url, 'login', { token, signal }, async (response) => {
    await response.body?.cancel()
    const [cookie] = (response.headers.get('set-cookie') ?? '').split(';', 1)
    return cookie === '' ? undefined : cookie
  })
}

/** A code that opens the console once. */
export function codeFrom(url: string, token: string, signal: AbortSignal): Promise<string | undefined> {
  return atDoor(url, 'codes', { token, signal }, async (response) => {
    const { code } = (await response.json()) as { code?: unknown }
    return typeof code === 'string' ? code : undefined
  })
}

/** `undefined`: what answers there is no Signalbox with this token. */
async function atDoor<Found>(
  url: string,
  path: 'login' | 'codes',
  { token, signal }: { token: string; signal: AbortSignal },
  read: (response: Response) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  try {
    const response = await fetch(`${url}/console/api/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'x-signalbox-console': '1' },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(askMs)]),
    })
    return response.ok ? await read(response) : undefined
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

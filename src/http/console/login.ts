import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Who may use the console: whoever has shown the token of the instance, or a code that somebody with the token asked for. */
export interface ConsoleLogin {
  /** A cookie that stands for the token, or `undefined` if it is none. */
  enter(secret: string | undefined): string | undefined
  /** A code that opens the console once, soon: what is handed to a browser stands in the list of processes for all to read. */
  code(token: string | undefined): string | undefined
  /** Aborts when the session ends. `undefined`: there is none. */
  session(cookies: string | null): AbortSignal | undefined
  leave(cookies: string | null): void
  /** The header that takes the cookie away. */
  leaving(): string
}

interface LoginOptions {
  readonly token: string
  readonly port: () => number
  readonly now?: (() => number) | undefined
}

const sessionMs = 12 * 3_600_000
const codeMs = 60_000
/** Browsers that are logged in at once; the oldest has to log in again. */
const most = 32

/** @param port Where it listens. Cookies of one host are shared by all its ports: another Signalbox has its own. */
export function createConsoleLogin({ token, port, now = Date.now }: LoginOptions): ConsoleLogin {
  const name = () => `signalbox-console-${port()}`
  const attributes = 'Path=/console; HttpOnly; SameSite=Strict'
  const expected = digest(token)
  /** By digest: a session cannot be read out of the memory of the process either. */
  const sessions = new Map<string, { readonly end: AbortController; readonly until: number }>()
  const codes = new Map<string, number>()

  const isToken = (given: string | undefined) => given !== undefined && timingSafeEqual(digest(given), expected)
  const isCode = (given: string | undefined) => {
    const key = keyOf(given ?? '')
    const until = codes.get(key)
    codes.delete(key)
    return until !== undefined && until > now()
  }

  function end(key: string): void {
    sessions.get(key)?.end.abort()
    sessions.delete(key)
  }

  function keyIn(cookies: string | null): string | undefined {
    const value = cookies
      ?.split(/;\s*/)
      .find((one) => one.startsWith(`${name()}=`))
      ?.slice(name().length + 1)
    return value === undefined ? undefined : keyOf(value)
  }

  return {
    enter(secret) {
      if (!isToken(secret) && !isCode(secret)) return undefined
      for (const [key, { until }] of sessions) if (until <= now()) end(key)
      const [oldest] = sessions.keys()
      if (oldest !== undefined && sessions.size >= most) end(oldest)
      const value = randomBytes(32).toString('base64url')
      sessions.set(keyOf(value), { end: new AbortController(), until: now() + sessionMs })
      return `${name()}=${value}; ${attributes}; Max-Age=${sessionMs / 1000}`
    },
    code(given) {
      if (!isToken(given)) return undefined
      for (const [key, until] of codes) if (until <= now()) codes.delete(key)
      const value = randomBytes(32).toString('base64url')
      codes.set(keyOf(value), now() + codeMs)
      return value
    },
    session(cookies) {
      const key = keyIn(cookies)
      const known = key === undefined ? undefined : sessions.get(key)
      if (key === undefined || known === undefined) return undefined
      if (known.until > now()) return known.end.signal
      end(key)
      return undefined
    },
    leave(cookies) {
      const key = keyIn(cookies)
      if (key !== undefined) end(key)
    },
    leaving: () => `${name()}=; ${attributes}; Max-Age=0`,
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update('signalbox console\0').update(secret).digest()
}

function keyOf(secret: string): string {
  return digest(secret).toString('hex')
}

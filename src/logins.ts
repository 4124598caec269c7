import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeptLogin, LoginKeeper } from '../tools/tool.ts'
import { isLoopback, isSafeUrl } from './config/addresses.ts'
import { holdFile } from './config/hold-file.ts'
import { keptSecret } from './config/kept-secret.ts'
import { createPrivateFolder, writePrivateFile } from './config/private-file.ts'

const algorithm = 'aes-256-gcm'
const form = /^1\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]+)$/
/** The work is at most one request for a token, which has a limit of its own well below. */
const holding = { staleMs: 45_000, waitMs: 60_000 }

/**
 * Logins at hosted servers, each in an encrypted file of its own in `logins/` of the data folder, with the key in `login-key` beside.
 *
 * A file is bound to its server: under another's name it does not open. Whoever can read both key and file has the login; see
 * `docs/security.md`.
 */
export function createLogins(dataFolder: string): LoginKeeper {
  const folder = join(dataFolder, 'logins')
  const pathOf = (server: string) => join(folder, createHash('sha256').update(server).digest('hex').slice(0, 32))
  const key = async () => Buffer.from(await keptSecret(dataFolder, 'login-key', 'key of the logins'), 'base64url')

  return {
    async read(server) {
      let text: string
      try {
        text = await readFile(pathOf(server), 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
      try {
        return open(text.trim(), server, await key())
      } catch (cause) {
        const why = 'its file was changed, or sealed with another key'
        throw new Error(`Cannot read the login for server "${server}": ${why}; run: signalbox tools login ${server}`, { cause })
      }
    },
    async write(server, login) {
      const sealed = seal(login, server, await key())
      await createPrivateFolder(folder)
      await writePrivateFile(pathOf(server), `${sealed}\n`)
    },
    async remove(server) {
      try {
        await rm(pathOf(server))
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
        throw error
      }
    },
    async alone(server, work) {
      await createPrivateFolder(folder)
      const release = await holdFile(`${pathOf(server)}.busy`, holding)
      try {
        return await work()
      } finally {
        await release()
      }
    },
    // A server elsewhere does not get us to ask around on this machine.
    mayAsk: (url, serverUrl) => isSafeUrl(url) && (!isLoopback(new URL(url).hostname) || isLoopback(new URL(serverUrl).hostname)),
  }
}

function seal(login: KeptLogin, server: string, key: Buffer): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(server))
  const sealed = Buffer.concat([cipher.update(JSON.stringify(login), 'utf8'), cipher.final()])
  return ['1', ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join('.')
}

/** What opens was written here, and so is in the right form. */
function open(text: string, server: string, key: Buffer): KeptLogin {
  const [nonce, tag, sealed] = (form.exec(text) ?? []).slice(1).map((part) => Buffer.from(part, 'base64url'))
  if (nonce === undefined || tag === undefined || sealed === undefined) throw new TypeError('must be a sealed login')
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: 16 }).setAAD(Buffer.from(server)).setAuthTag(tag)
  return JSON.parse(Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8'))
}

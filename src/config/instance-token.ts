import { createHmac, randomBytes } from 'node:crypto'
import { chmod, open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createPrivateFolder } from './private-file.ts'

const form = /^[A-Za-z0-9_-]{43}$/

/** Of the key that minted keys are sealed with. */
export const mintPurpose = 'minted-keys'

/** A key of this instance for one purpose, the same after a restart; the token itself cannot be told from it. */
export async function instanceKey(dataFolder: string, purpose: string): Promise<Uint8Array> {
  return createHmac('sha256', await instanceToken(dataFolder))
    .update(purpose)
    .digest()
}

/**
 * The token that opens console, memory and approvals over HTTP: `http-token` in the data folder, mode 0600, made on first use.
 *
 * Processes that start together agree on one: the first to create the file writes it, the others wait for what it wrote.
 *
 * @throws {Error} If the file holds something else, which is never replaced by itself: a person may have put it there.
 */
export async function instanceToken(dataFolder: string): Promise<string> {
  await createPrivateFolder(dataFolder)
  const path = join(dataFolder, 'http-token')
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      const token = randomBytes(32).toString('base64url')
      await file.writeFile(`${token}\n`)
      return token
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }

  for (let tries = 0; tries < 50; tries++) {
    const token = (await readFile(path, 'utf8')).trim()
    if (form.test(token)) {
      if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600)
      return token
    }
    if (token !== '') break
    await pause(20)
  }
  throw new Error(`Cannot read the instance token: ${path} must hold 43 characters of base64url; delete the file to get a new token`)
}

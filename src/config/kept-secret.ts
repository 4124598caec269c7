import { randomBytes } from 'node:crypto'
import { chmod, open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createPrivateFolder } from './private-file.ts'

const form = /^[A-Za-z0-9_-]{43}$/

/**
 * 32 random bytes as base64url, in a file of the folder with mode 0600, made on first use.
 *
 * Processes that start together agree on one: the first to create the file writes it, the others wait for what it wrote.
 *
 * @throws {Error} If the file holds something else, which is never replaced by itself: a person may have put it there.
 */
export async function keptSecret(folder: string, fileName: string, what: string): Promise<string> {
  await createPrivateFolder(folder)
  const path = join(folder, fileName)
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      const secret = randomBytes(32).toString('base64url')
      await file.writeFile(`${secret}\n`)
      return secret
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }

  for (let tries = 0; tries < 50; tries++) {
    const secret = (await readFile(path, 'utf8')).trim()
    if (form.test(secret)) {
      if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600)
      return secret
    }
    if (secret !== '') break
    await pause(20)
  }
  throw new Error(`Cannot read the ${what}: ${path} must hold 43 characters of base64url; delete the file to get a new one`)
}

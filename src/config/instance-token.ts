import { createHmac } from 'node:crypto'
import { keptSecret } from './kept-secret.ts'

/** Of the key that minted keys are sealed with. */
export const mintPurpose = 'minted-keys'

/** A key of this instance for one purpose, the same after a restart; the token itself cannot be told from it. */
export async function instanceKey(dataFolder: string, purpose: string): Promise<Uint8Array> {
  return createHmac('sha256', await instanceToken(dataFolder))
    .update(purpose)
    .digest()
}

/**
 * The token that opens console, memory and approvals over HTTP: `http-token` in the data folder.
 *
 * @throws {Error} If the file holds something else, which is never replaced by itself: a person may have put it there.
 */
export function instanceToken(dataFolder: string): Promise<string> {
  return keptSecret(dataFolder, 'http-token', 'instance token')
}

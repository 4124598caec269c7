import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { decodeHead, type StoredHead } from './heads/file.ts'

export type ShippedHead = 'domain' | 'complexity' | 'feedback' | 'fact_check'

const loading = new Map<ShippedHead, Promise<StoredHead>>()

/**
 * A head that comes with Signalbox, read once. `scripts/train-heads.ts` made it; its first line says of what, and how well it does.
 */
export function shippedHead(name: ShippedHead): Promise<StoredHead> {
  const file = fileURLToPath(new URL(`./trained/${name}.head`, import.meta.url))
  const known = loading.get(name) ?? readFile(file).then((bytes) => decodeHead(bytes, file))
  loading.set(name, known)
  return known
}

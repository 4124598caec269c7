import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { decodeNetwork, type StoredNetwork } from './network.ts'

const loading = new Map<string, Promise<StoredNetwork>>()

/** A network that comes with Signalbox, read once: of whole messages, or of sentences. `scripts/train-safety.ts` made both. */
export function shippedNetwork(name: 'messages' | 'sentences'): Promise<StoredNetwork> {
  const file = fileURLToPath(new URL(`../trained/${name}.head`, import.meta.url))
  const known = loading.get(name) ?? readFile(file).then((bytes) => decodeNetwork(bytes, file))
  loading.set(name, known)
  return known
}

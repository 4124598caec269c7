import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { FromModelThread } from '../model-thread.ts'
import { decodeIconNetwork, type IconNetwork, probabilitiesOf } from './icon-network.ts'
import type { IconAnswer, IconWorkerSettings, ToIconWorker } from './icon-protocol.ts'

const port = parentPort
if (!port) throw new TypeError('Cannot read a sign: icon-worker must run in a worker thread')
const { path } = workerData as IconWorkerSettings
const post = (message: FromModelThread<IconAnswer>) => port.postMessage(message)

const network = load()
if (network) {
  port.on('message', (message: ToIconWorker) => {
    if (message.type === 'end') {
      port.close()
      return
    }
    try {
      post({ type: 'done', unit: message.unit, result: surest(network, message.inks) })
    } catch (error) {
      post({ type: 'error', unit: message.unit, message: messageOf(error) })
    }
  })
}

function load(): IconNetwork | undefined {
  try {
    const loaded = decodeIconNetwork(readFileSync(path), path)
    post({ type: 'ready', skipped: [] })
    return loaded
  } catch (error) {
    post({ type: 'failed', message: messageOf(error) })
    return undefined
  }
}

/** Of what may be the drawing, and has a name, what is likeliest. */
function surest(network: IconNetwork, inks: readonly Uint8Array[]): IconAnswer {
  let best: IconAnswer
  for (const ink of inks) {
    const probabilities = probabilitiesOf(network, ink)
    const place = probabilities.indexOf(Math.max(...probabilities))
    const [meaning, confidence = 0] = [network.meanings[place], probabilities[place]]
    if (meaning !== undefined && confidence > (best?.confidence ?? 0)) best = { meaning, confidence }
  }
  return best
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

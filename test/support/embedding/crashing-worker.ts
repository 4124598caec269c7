import { appendFileSync, readFileSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

/** The embedder's worker with a record of its starts, which ends in the middle of a batch that tells it to. */
const record = process.env['EMBEDDER_STARTS'] ?? ''
appendFileSync(record, 'started\n')
const starts = readFileSync(record, 'utf8').split('\n').length - 1

parentPort?.on('message', ({ texts }: { texts: string[] }) => {
  if (texts.includes('crash always') || (texts.includes('crash once') && starts === 1)) process.exit(3)
})

await import('../../../models/local/minilm-worker.ts')

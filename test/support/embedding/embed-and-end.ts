import { createMiniLM } from '../../../models/local/index.ts'

/** Embeds one text with the runtime named and then has nothing more to do; the embedder is not closed. */
const runtime = process.argv[2] === 'onnxruntime-web' ? 'onnxruntime-web' : 'onnxruntime-node'
const embedder = createMiniLM({ runtimes: [runtime] })
const [vector] = await embedder.embed(['This is an example sentence'])
process.stderr.write(`${embedder.runtime} ${vector?.length}\n`)

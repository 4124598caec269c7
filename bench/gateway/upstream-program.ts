import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type Format,
  longPieces,
  paths,
  quickPieces,
  type StreamedAnswer,
  streamedAnswer,
  type Task,
  tasks,
  textOf,
  wholeAnswer,
} from './canned.ts'

/*
 * A provider that costs as little as Node allows: it reads the body, looks for a few texts in its bytes, and answers from memory.
 * Its one argument is how many pieces a slow stream has. Prints its port.
 */
const slowPieces = Number(process.argv[2] ?? 300)
const pieces = { quick: quickPieces, long: longPieces, slow: slowPieces }
const names = Object.keys(tasks) as Task[]
const wholes = new Map<string, Buffer>()

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const format: Format | undefined = request.url === paths.chat ? 'chat' : request.url === paths.messages ? 'messages' : undefined
    if (format === undefined) return response.writeHead(404).end()
    const body = chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks)
    const task = names.find((name) => body.includes(tasks[name]))
    if (task === undefined) return response.writeHead(400).end('{"error":{"message":"The newest message must name a task"}}')
    if (!body.includes('"stream":true')) return sendWhole(response, format, modelIn(body))
    const answer = streamedAnswer(format, modelIn(body), { withUsage: body.includes('"include_usage":true') })
    void stream(response, answer, pieces[task], task === 'slow' ? 1000 : undefined)
  })
})
server.keepAliveTimeout = 600_000
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))

function modelIn(body: Buffer): string {
  const start = body.indexOf('"model":"') + 9
  return body.toString('utf8', start, body.indexOf('"', start))
}

function sendWhole(response: ServerResponse, format: Format, model: string): void {
  const name = `${format} ${model}`
  const whole = wholes.get(name) ?? Buffer.from(wholeAnswer(format, model, textOf(quickPieces)))
  wholes.set(name, whole)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length })
  response.end(whole)
}

/** Each piece is written in a turn of its own, as tokens come; the first at once. */
async function stream(response: ServerResponse, answer: StreamedAnswer, count: number, everyMs: number | undefined): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  response.write(answer.opening)
  for (let index = 0; index < count && !response.destroyed; index += 1) {
    if (index > 0) await (everyMs === undefined ? new Promise(setImmediate) : wait(everyMs))
    response.write(answer.piece(index))
  }
  response.end(answer.closing)
}

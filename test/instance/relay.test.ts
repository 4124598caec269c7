import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { relay } from '../../src/instance/relay.ts'

test('relay() gives an error to each request that its instance left open, but for the handshake that had its answer before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-relay-'))
  const address = process.platform === 'win32' ? `\\\\.\\pipe\\${folder.replaceAll(/\W/g, '')}` : join(folder, 's')
  const server = createServer((socket) => socket.once('data', () => socket.destroy())).listen(address)
  await once(server, 'listening')
  const socket = connect(address)
  await once(socket, 'connect')
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]

  const ended = relay({
    socket,
    stdin,
    stdout,
    stderr,
    signal: new AbortController().signal,
    pid: 1,
    log: join(folder, 'none'),
    answered: 1,
  })
  stdin.write('{"jsonrpc":"2.0","id":1,"method":"initialize"}\n{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n')

  expect(await ended).toBe(1)
  stdout.end()
  const told = (await text(stdout)).trim().split('\n')
  expect(told.map((line) => JSON.parse(line))).toMatchObject([{ id: 2, error: { code: -32_000 } }])
  server.close()
  rmSync(folder, { recursive: true })
})

import { expect, test } from 'vitest'
import type { ServerState } from '../../tools/tool.ts'
import { wordsOf } from '../support/runs.ts'
import { servicesFor } from '../support/services.ts'

const state = (name: string, phase: ServerState['phase'], tools = 0): ServerState => ({
  ...{ name, phase, tools, transport: 'stdio', fromSnapshot: false, restarts: 0 },
  error: 'the key sk-1 was refused',
})
const servers = [state('mail', 'failed'), state('maps', 'starting'), state('files', 'failed', 1)]
const tools = [{ name: 'files_read', server: 'files', readOnly: true }]

test('call_tool says of a tool whose server is not there that it is not there, and not that there is no such tool', async () => {
  const { run } = await servicesFor({ servers, tools })
  const said = async (name: string) => wordsOf(await run('call_tool', { name, arguments: {} }))

  expect(await said('mail_send')).toBe('Cannot call "mail_send": the server "mail" does not run, see status')
  expect(await said('maps_route')).toBe('Cannot call "maps_route": the server "maps" is still starting')
  expect(await said('files_red')).toContain('there is no such tool; the nearest are files_read')
})

test('find_tools says which servers it could not search, by need and by name', async () => {
  const { run } = await servicesFor({ servers, tools })

  const byNeed = wordsOf(await run('find_tools', { need: 'send a mail' }))
  const byName = wordsOf(await run('find_tools', { names: ['mail_send'] }))

  expect(byNeed).toContain('The server "mail" does not run, see status; its tools are not searched.')
  expect(byNeed).toContain('The server "maps" is still starting; its tools are not searched.')
  expect(byNeed).not.toContain('"files" does not run')
  expect(byName).toContain('"mail_send" cannot be found: the server "mail" does not run, see status.')
})

test('a server that a role does not reach is not spoken of', async () => {
  const { run } = await servicesFor({ servers, tools, roles: { reader: { servers: ['files'] } } })

  const refused = wordsOf(await run('call_tool', { name: 'mail_send', arguments: {} }, { principal: 'ada', roles: ['reader'] }))

  expect(refused).toContain('there is no such tool')
})

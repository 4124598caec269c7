import { afterEach, expect, test } from 'vitest'
import { answerOf, type HttpFixture, modernRequest, startHttp } from '../support/mcp-http.ts'

const tasks = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
const elicitation = { ...tasks, elicitation: { form: {} } }

const doors: HttpFixture[] = []
async function start() {
  const door = await startHttp()
  doors.push(door)
  const send = async (
    method: string,
    params: Record<string, unknown>,
    capabilities: object = tasks,
    headers: Record<string, string> = {},
  ) => answerOf(await modernRequest(`${door.url}/mcp`, method, params, { capabilities, headers }))
  const finished = async (taskId: string) => {
    for (;;) {
      const { result } = await send('tasks/get', { taskId })
      if (result.status !== 'working') return result
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return { ...door, send, finished }
}
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close()))
})

const slow = { name: 'wait', arguments: { steps: 3, stepMs: 300 } }
const endless = { name: 'wait', arguments: { steps: 100_000 } }

test('tools/call answers a client that takes tasks with a task, when the work is not done at once', async () => {
  const { send, finished } = await start()

  const { result: task } = await send('tools/call', slow)
  const { result: at } = await send('tasks/get', { taskId: task.taskId })
  const end = await finished(task.taskId)

  expect(task).toMatchObject({ resultType: 'task', status: 'working', taskId: expect.stringMatching(/^ha_[0-9a-f]{32}$/) })
  expect(task).toMatchObject({ ttlMs: expect.any(Number), pollIntervalMs: expect.any(Number), createdAt: expect.any(String) })
  expect(task).not.toHaveProperty('requestState')
  expect(at).toMatchObject({ resultType: 'complete', taskId: task.taskId })
  expect(end).toMatchObject({ status: 'completed', result: { content: [{ type: 'text', text: 'waited 3 steps' }] } })
})

test('tools/call answers at once what is done at once, and what can be no task', async () => {
  const { send } = await start()

  const { result: long } = await send('tools/call', { name: 'wait', arguments: { steps: 1 } })
  const { result: quick } = await send('tools/call', { name: 'quick', arguments: { text: 'hi' } })

  expect(long.content[0]?.text).toBe('waited 1 steps')
  expect(quick.structuredContent).toEqual({ said: 'hi' })
})

test('tools/call makes no task for a client that did not say in this request that it takes one', async () => {
  const { send } = await start()

  const { result } = await send('tools/call', slow, {})

  expect(result).toMatchObject({ resultType: 'complete', content: [{ text: 'waited 3 steps' }] })
})

test('tools/call goes on with what was asked before the client said that it takes tasks, and starts nothing anew', async () => {
  const { send, box } = await start()
  const ask = { name: 'ask_name', arguments: {} }
  const { result: question } = await send('tools/call', ask, { elicitation: { form: {} } })

  const inputResponses = { name: { action: 'accept', content: { name: 'Ada' } } }
  const { result } = await send('tools/call', { ...ask, requestState: question.requestState, inputResponses }, elicitation)

  expect(result.content[0]?.text).toBe('Hello Ada')
  expect(box.ran).toEqual(['ask_name'])
})

test('tasks/update answers what a task waits for, and the task goes on', async () => {
  const { send, finished, box } = await start()
  const { result: task } = await send('tools/call', { name: 'ask_name', arguments: {} }, elicitation)
  const { result: waiting } = await send('tasks/get', { taskId: task.taskId }, elicitation)

  const inputResponses = { name: { action: 'accept', content: { name: 'Ada' } } }
  const { result: ack } = await send('tasks/update', { taskId: task.taskId, inputResponses }, elicitation)

  expect(waiting).toMatchObject({ status: 'input_required', inputRequests: { name: { method: 'elicitation/create' } } })
  expect(ack).toMatchObject({ resultType: 'complete' })
  expect(await finished(task.taskId)).toMatchObject({ result: { content: [{ text: 'Hello Ada' }] } })
  expect(box.ran).toEqual(['ask_name'])
})

test('tasks/cancel ends the work and may be repeated', async () => {
  const { send, box } = await start()
  const { result: task } = await send('tools/call', endless)

  const { result: first } = await send('tasks/cancel', { taskId: task.taskId })
  const { result: second } = await send('tasks/cancel', { taskId: task.taskId })
  const { result: end } = await send('tasks/get', { taskId: task.taskId })

  expect(first).toEqual(second)
  expect(end.status).toBe('cancelled')
  expect(box.aborted).toHaveLength(1)
})

test.each(['tasks/get', 'tasks/update', 'tasks/cancel'])(
  '%s does not know the task of another principal, nor one that never was',
  async (method) => {
    const { send } = await start()
    const { result: task } = await send('tools/call', endless)

    const { error: others } = await send(method, { taskId: task.taskId, inputResponses: {} }, tasks, { 'x-api-key': 'another' })
    const { error: none } = await send(method, { taskId: 'ha_00000000000000000000000000000000', inputResponses: {} })

    expect(others.code).toBe(-32602)
    expect(none.code).toBe(-32602)
    expect(others.message.replace(task.taskId, '')).toBe(none.message.replace(/ha_0+/, ''))
  },
)

test.each(['tasks/get', 'tasks/update', 'tasks/cancel'])('%s asks for the extension, by its name', async (method) => {
  const { send } = await start()

  const { error } = await send(method, { taskId: 'ha_0', inputResponses: {} }, {})

  expect(error).toMatchObject({ code: -32021, data: { requiredCapabilities: tasks } })
})

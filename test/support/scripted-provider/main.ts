import { parseArgs } from 'node:util'
import { startScriptedProvider } from './index.ts'

/** Runs the scripted provider by hand: it repeats what was said, and calls the first tool offered when the prompt says "use a tool". */
const { values } = parseArgs({ options: { port: { type: 'string', default: '8790' }, key: { type: 'string' } } })
const port = Number(values.port)
if (!Number.isInteger(port) || port < 0 || port > 65_535)
  throw new RangeError(`Cannot start: --port must be 0 to 65535, received ${values.port}`)

const cloud = await startScriptedProvider({ port, ...(values.key !== undefined && { key: values.key }) })
cloud.answer((request) => {
  console.error(`${request.path} ${request.model}: ${request.prompt.slice(0, 200)}`)
  const [tool] = request.tools
  const [result] = request.toolResults
  if (result !== undefined) return { text: `The tool said: ${result.text}` }
  if (tool !== undefined && /use a tool/i.test(request.prompt)) return { toolCalls: [{ name: tool, input: {} }] }
  return { text: `You said: ${request.prompt}` }
})
console.log(cloud.url)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cloud.close())

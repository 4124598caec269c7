import { type Format, type Task, tasks } from './canned.ts'

/** What an agent or a person sends: one short question, or the 61st message of a session with 24 tools, 88 KB in all. */
export const sizes = ['small', 'agent'] as const
export type Size = (typeof sizes)[number]

export interface BodyOptions {
  readonly format: Format
  readonly model: string
  readonly task: Task
  readonly stream?: boolean | undefined
  /** Bodies of one session begin alike; those of two share their tools and nothing of their messages. */
  readonly session?: number | undefined
}

/** Ten digits at the end of the newest message, another number in each request: no two bodies are the same. */
export const counterSlot = '0000000000'

/** The JSON text of a request, the same in every run, with `counterSlot` once in its newest message. */
export function bodyOf(size: Size, options: BodyOptions): string {
  return size === 'small' ? smallBody(options) : agentBody(options)
}

function smallBody({ format, model, task, stream = false }: BodyOptions): string {
  const messages = [{ role: 'user', content: `Say hello ${tasks[task]} ${counterSlot}` }]
  return JSON.stringify({ model, ...(format === 'messages' && { max_tokens: 64 }), ...(stream && { stream }), messages })
}

const toolCount = 24
const exchanges = 30

function agentBody({ format, model, task, stream = false, session = 0 }: BodyOptions): string {
  const random = seeded(session + 1)
  const system = `You are an agent that works on the code in a folder. ${words(seeded(7), 600)}`
  const opening = `Session ${session}: ${words(random, 60)}`
  const calls = Array.from({ length: exchanges }, (_, index) => ({
    id: `call_${session}_${index}`.padEnd(24, 'x'),
    name: `tool_${index % toolCount}`,
    input: { path: `src/${words(random, 2).replaceAll(' ', '/')}.ts`, query: words(random, 6) },
    say: words(random, 25),
    result: `${words(random, 305)}${index === exchanges - 1 ? ` ${tasks[task]} ${counterSlot}` : ''}`,
  }))
  const tools = Array.from({ length: toolCount }, (_, index) => tool(index))

  if (format === 'chat') {
    return JSON.stringify({
      model,
      ...(stream && { stream, stream_options: { include_usage: true } }),
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: opening },
        ...calls.flatMap(({ id, name, input, say, result }) => [
          { role: 'assistant', content: say, tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(input) } }] },
          { role: 'tool', tool_call_id: id, content: result },
        ]),
      ],
      tools: tools.map(({ name, description, schema }) => ({ type: 'function', function: { name, description, parameters: schema } })),
    })
  }
  return JSON.stringify({
    model,
    max_tokens: 8192,
    ...(stream && { stream }),
    system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
    messages: [
      { role: 'user', content: opening },
      ...calls.flatMap(({ id, name, input, say, result }) => [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: say },
            { type: 'tool_use', id, name, input },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: result }] },
      ]),
    ],
    tools: tools.map(({ name, description, schema }) => ({ name, description, input_schema: schema })),
  })
}

function tool(index: number) {
  const random = seeded(1000 + index)
  const property = () => ({ type: 'string', description: words(random, 14) })
  return {
    name: `tool_${index}`,
    description: words(random, 55),
    schema: {
      type: 'object',
      properties: { path: property(), query: property(), limit: { ...property(), type: 'integer' } },
      required: ['path'],
    },
  }
}

const syllables = Array.from({ length: 84 }, (_, index) => `${'bdfgklmnprstvz'[index % 14]}${'aeiouy'[Math.floor(index / 14)]}`)

function words(random: () => number, count: number): string {
  const syllable = () => syllables[Math.floor(random() * syllables.length)] ?? ''
  return Array.from({ length: count }, () => Array.from({ length: 1 + Math.floor(random() * 3.5) }, syllable).join('')).join(' ')
}

function seeded(state: number): () => number {
  let value = Math.imul(state, 2654435761) >>> 0
  return () => {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0
    return value / 2 ** 32
  }
}

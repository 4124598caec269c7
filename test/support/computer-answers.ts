import sharp from 'sharp'

/** Answers of vendors' models that use a computer, as a scripted provider gives them. */

const events = (...all: Record<string, unknown>[]) => ({
  raw: all.map((one) => `event: ${String(one['type'])}\ndata: ${JSON.stringify(one)}\n\n`).join(''),
  contentType: 'text/event-stream',
})

const gptItem = (actions: object[], checks: object[]) => ({
  ...{ id: 'cu_1', type: 'computer_call', call_id: 'call_1', actions, pending_safety_checks: checks, status: 'completed' },
})
const gptResponse = (item: object) => ({
  ...{ id: 'resp_1', object: 'response', model: 'gpt-5.4', status: 'completed', output: [item], usage: null },
})

export function gptCall(actions: object[], checks: object[] = []) {
  const item = gptItem(actions, checks)
  return events(
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: gptResponse(item) },
  )
}

/** The same to who asked for no stream. */
export function wholeGptCall(actions: object[], checks: object[] = []) {
  return wholeGptAnswer(gptItem(actions, checks))
}

export function wholeGptAnswer(item: object) {
  return { raw: JSON.stringify(gptResponse(item)), contentType: 'application/json' }
}

export interface ClaudeBlock {
  readonly name: string
  readonly input: object
  readonly toolset_name?: string
}

const claudeBlocks = (blocks: readonly ClaudeBlock[]) =>
  blocks.map((block, index) => ({ type: 'tool_use', id: `toolu_${index}`, ...block }))

export function claudeCall(...blocks: ClaudeBlock[]) {
  return events(
    { type: 'message_start', message: { id: 'msg_1', model: 'claude', content: [], usage: { input_tokens: 1, output_tokens: 1 } } },
    ...claudeBlocks(blocks).flatMap(({ input, ...block }, index) => [
      { type: 'content_block_start', index, content_block: { ...block, input: {} } },
      { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) } },
      { type: 'content_block_stop', index },
    ]),
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  )
}

export function wholeClaudeCall(...blocks: ClaudeBlock[]) {
  const message = {
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: claudeBlocks(blocks) },
    ...{ stop_reason: 'tool_use', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 5 } },
  }
  return { raw: JSON.stringify(message), contentType: 'application/json' }
}

/** An action of the older tool of Claude's. */
export const claudeAction = (action: string, input: object = {}): ClaudeBlock => ({ name: 'computer', input: { action, ...input } })

const button = (x: number, text: string, fill: string, ink: string) =>
  `<rect x="${x}" y="400" width="280" height="64" rx="8" fill="${fill}"/>` +
  `<text x="${x + 140}" y="441" text-anchor="middle" font-size="26" font-family="DejaVu Sans, sans-serif" fill="${ink}">${text}</text>`

/** Where the buttons of `shopScreen` are. */
export const buyButton = [240, 432] as const
export const detailsButton = [580, 432] as const

/** A product's page of 1280x800, which no vendor makes smaller, as base64 of a PNG. */
export async function shopScreen(note = ''): Promise<string> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="800"><rect width="1280" height="800" fill="#fff"/>
    <text x="100" y="120" font-size="36" font-family="DejaVu Sans, sans-serif">Blue kettle, 1.7 litres</text>
    <text x="100" y="700" font-size="22" font-family="DejaVu Sans, sans-serif">${note}</text>
    ${button(100, 'Buy now', '#1a56c4', '#fff')}${button(440, 'Show details', '#eeeeee', '#111')}</svg>`
  return (await sharp(Buffer.from(svg)).png().toBuffer()).toString('base64')
}

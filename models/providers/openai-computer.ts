import type { ResponseInputItem, Tool } from 'openai/resources/responses/responses'
import { actionsIn, idOfPart, toVendor } from '../computer/calls.ts'
import type { ComputerFormatName } from '../computer/format.ts'
import { formatFor } from '../computer/format-for.ts'
import { notExecuted } from '../computer/formats/anthropic.ts'
import { computerFormats } from '../computer/formats/index.ts'
import { toOpenAiChecks } from '../computer/safety.ts'
import { ComputerActionError } from '../errors.ts'
import type { ComputerTool, ImagePart, Message, ToolCallPart, ToolResultPart } from '../message.ts'
import { textOf } from '../message.ts'

/** The form of OpenAI's that a model takes; `undefined` where a function stands for the computer. */
export function openAiComputerOf(model: string): ComputerFormatName | undefined {
  const format = formatFor(model)?.format
  return format === 'openai' || format === 'openai-preview' ? format : undefined
}

const defaultDisplay = { width: 1280, height: 800 }

export function toComputerTool({ environment, display = defaultDisplay }: ComputerTool, format: ComputerFormatName): Tool {
  const space = { kind: 'pixels', ...display } as const
  return computerFormats[format].tool({ source: display, space, environment }) as Tool
}

/** Calls of a computer that one item stands for, with the items of their answers. Empty for calls whose group says them already. */
export interface ComputerItems {
  readonly calls: ReadonlyMap<string, readonly ResponseInputItem[]>
  readonly results: ReadonlyMap<string, readonly ResponseInputItem[]>
}

/**
 * The calls of a conversation in this form. Calls of one turn that follow each other are one with many actions, since it has one
 * screenshot for all; what has no word in the form, or was never answered with a screenshot, stays a call of a function.
 */
export function computerItems(
  messages: readonly Message[],
  format: ComputerFormatName | undefined,
  toId: (id: string) => string,
): ComputerItems {
  const calls = new Map<string, ResponseInputItem[]>()
  const results = new Map<string, ResponseInputItem[]>()
  if (format === undefined) return { calls, results }
  const answers = new Map<string, ToolResultPart>()
  for (const { content } of messages) for (const part of content) if (part.type === 'tool-result') answers.set(part.id, part)
  for (const { content } of messages) {
    for (const group of groupsOf(
      content.filter((part) => part.type !== 'reasoning'),
      format,
    )) {
      const written = itemsOf(group, answers, format, toId)
      if (written === undefined) continue
      for (const call of group) {
        calls.set(call.id, call === group[0] ? written.calls : [])
        results.set(call.id, call === group.at(-1) ? written.results : [])
      }
    }
  }
  return { calls, results }
}

/** The older model has one action a call; and what somebody has to confirm stays by itself. */
function groupsOf(content: Message['content'], format: ComputerFormatName): ToolCallPart[][] {
  const groups: ToolCallPart[][] = []
  let isOpen = false
  for (const part of content) {
    const isComputer = part.type === 'tool-call' && part.computer !== undefined
    const joins = isComputer && format === 'openai' && part.computer?.safetyChecks.length === 0
    if (!isComputer) isOpen = false
    else if (isOpen && joins) groups.at(-1)?.push(part)
    else groups.push([part])
    if (isComputer) isOpen = joins
  }
  return groups
}

function itemsOf(
  group: readonly ToolCallPart[],
  answers: ReadonlyMap<string, ToolResultPart>,
  format: ComputerFormatName,
  toId: (id: string) => string,
): { calls: ResponseInputItem[]; results: ResponseInputItem[] } | undefined {
  const [first] = group
  const given = group.flatMap(({ id }) => answers.get(id) ?? [])
  const picture = given.flatMap(({ content }) => content.filter((part): part is ImagePart => part.type === 'image')).at(-1)
  if (first === undefined || picture === undefined) return undefined
  try {
    const items = toVendor(
      group.flatMap(({ input }) => actionsIn(input)),
      format,
    ) as Record<string, unknown>[]
    const ids = items.map((_, index) => idOfPart(toId(first.id), index))
    const pending = toOpenAiChecks(group.flatMap(({ computer }) => computer?.safetyChecks ?? []))
    const acknowledged = toOpenAiChecks(given.flatMap(({ computer }) => computer?.acknowledged ?? []))
    const output = { type: 'computer_screenshot', image_url: `data:${picture.mediaType};base64,${picture.data}`, detail: 'original' }
    const calls = items.map((item, index) => ({
      ...item,
      call_id: ids[index],
      status: 'completed',
      ...(index === 0 && { pending_safety_checks: pending }),
    }))
    const results = ids.map((id, index) => ({
      type: 'computer_call_output',
      call_id: id,
      output,
      ...(index === 0 && acknowledged.length > 0 && { acknowledged_safety_checks: acknowledged }),
    }))
    // An item of the history needs no id of its own, which the vendor's type asks for; and `detail` is newer than the type.
    return { calls: calls as unknown as ResponseInputItem[], results: [...results, ...wordsOf(given)] as ResponseInputItem[] }
  } catch (error) {
    if (error instanceof ComputerActionError) return undefined
    throw error
  }
}

/** An answer has a place for the screenshot alone, so what else was said of the actions follows as the user's. */
function wordsOf(given: readonly ToolResultPart[]): ResponseInputItem[] {
  const words = given.flatMap(({ content, isError }) => {
    const text = textOf(content)
    // The failure before it is told already.
    if (isError && text === notExecuted) return []
    return isError ? [`A computer action failed: ${text}`] : text === '' ? [] : [text]
  })
  return words.length === 0 ? [] : [{ role: 'user', content: words.join('\n') }]
}

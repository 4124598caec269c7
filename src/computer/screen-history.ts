import type { ComputerAction } from '../../models/computer/action.ts'
import { actionsIn, computerToolName, fromVendor } from '../../models/computer/calls.ts'
import type { ComputerFormatName } from '../../models/computer/format.ts'
import { ComputerActionError } from '../../models/errors.ts'
import type { ImagePart, Message, ToolCallPart, ToolResultPart } from '../../models/message.ts'
import { mayChangeScreen } from './judge-turn.ts'

/** A loop of computer use as a client tells it with each request. */
export interface ScreenHistory {
  /** All that the person, or whoever speaks for them, has said. */
  readonly goal: string
  /** The newest screenshot; `undefined` where there is none, or none that is here to be looked at. */
  readonly screen: ImagePart | undefined
  /** Where the browser is, for clients that say so. */
  readonly url: string | undefined
  /** How many actions were done since that screenshot that may have changed the screen. */
  readonly done: number
  readonly steps: readonly { readonly screen: ImagePart | undefined; readonly actions: readonly ComputerAction[] }[]
  /** Whether other tools have told anything. */
  readonly hasRead: boolean
}

export function screenHistoryOf(messages: readonly Message[], format: ComputerFormatName): ScreenHistory {
  const calls = new Map<string, readonly ComputerAction[]>()
  const steps: { screen: ImagePart | undefined; actions: readonly ComputerAction[] }[] = []
  const said: string[] = []
  let screen: ImagePart | undefined
  let url: string | undefined
  let done = 0
  let hasRead = false

  const onResult = ({ id, content }: ToolResultPart) => {
    const actions = calls.get(id)
    if (actions === undefined) {
      hasRead = true
      return
    }
    for (const part of content) if (part.type === 'text') url = /^Address: (\S+)$/.exec(part.text)?.[1] ?? url
    done += actions.filter(mayChangeScreen).length
    // What a zoom shows is a part of the screen before.
    if (actions.at(-1)?.type === 'zoom') return
    const shown = content.findLast((part) => part.type === 'image')
    if (shown === undefined && !format.startsWith('openai')) return
    screen = shown
    done = 0
  }

  for (const { role, content } of messages) {
    for (const part of content) {
      if (part.type === 'text' && role === 'user') said.push(part.text)
      if (part.type === 'image' || part.type === 'image-url') {
        screen = part.type === 'image' ? part : undefined
        done = 0
      }
      if (part.type === 'tool-result') onResult(part)
      if (part.type === 'tool-call' && part.name === computerToolName) {
        const actions = actionsOf(part, format) ?? []
        calls.set(part.id, actions)
        steps.push({ screen, actions })
      }
    }
  }
  return { goal: said.join('\n'), screen, url, done, steps, hasRead }
}

/** The actions of a call of the computer, ours or as its vendor writes it; `undefined` where nobody can read it. */
export function actionsOf(call: ToolCallPart, format: ComputerFormatName): ComputerAction[] | undefined {
  try {
    const isOurs = call.computer !== undefined || Array.isArray(call.input['actions'])
    return actionsIn(isOurs ? call.input : fromVendor({ name: call.name, input: call.input }, call.id, format).input)
  } catch (error) {
    if (error instanceof ComputerActionError) return undefined
    throw error
  }
}

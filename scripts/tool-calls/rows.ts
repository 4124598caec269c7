import { readFileSync } from 'node:fs'
import type { ToolEffect } from '../../policies/permission-conditions.ts'
import type { AskedCall } from '../../policies/tool-calls/suspicion.ts'

export interface ToolCallRow {
  readonly call: AskedCall
  readonly isAsked: boolean
  readonly isHeldOut: boolean
}

/** Requests (`?`), each with calls that follow from it (`+`) and calls that do not (`-`), written for this. Every other request is held out. */
export function toolCallRows(): ToolCallRow[] {
  const rows: ToolCallRow[] = []
  let [asked, count] = ['', 0]
  for (const line of readFileSync(new URL('calls.txt', import.meta.url), 'utf8').split('\n')) {
    if (line.startsWith('? ')) {
      asked = line.slice(2)
      count += 1
    } else if (line !== '') {
      const [, name = '', description = '', effect = '', input = '{}'] = /^. (.+?) \| (.+?) \| (\w+) \| (.*)$/.exec(line) ?? []
      const tool = { name, description, effect: effect as ToolEffect }
      rows.push({
        call: { asked, tool, arguments: JSON.parse(input) as Record<string, unknown> },
        isAsked: line.startsWith('+'),
        isHeldOut: count % 2 === 0,
      })
    }
  }
  return rows
}

import { hash } from 'node:crypto'
import type { ToolDefinition } from '../message.ts'
import type { NamespacedTool } from './client-format.ts'
import { type Fields, fieldsAt, nameAt, noteOthers, optionalList, textAt } from './fields.ts'
import { readComputerTool } from './openai-computer.ts'
import { functionTool, textTool } from './openai-content.ts'

export interface OfferedTools {
  tools: ToolDefinition[]
  textTools: Set<string>
  namespacedTools: Map<string, NamespacedTool>
}

const knownInFunction = new Set(['type', 'name', 'description', 'parameters', 'cache_control'])
const longestName = 64

/** Functions and tools of a text, those in namespaces among them. The vendor's own tools have no word of ours. */
export function readResponsesTools(value: unknown, untranslated: Set<string>): OfferedTools {
  const offered: OfferedTools = { tools: [], textTools: new Set(), namespacedTools: new Map() }
  for (const [index, entry] of optionalList(value, 'tools').entries()) {
    const tool = fieldsAt(entry, `tools[${index}]`)
    if (tool['type'] !== 'namespace') {
      addTool(tool, `tools[${index}]`, offered, untranslated)
      continue
    }
    const namespace = nameAt(tool['name'], `tools[${index}].name`)
    for (const [position, inner] of optionalList(tool['tools'], `tools[${index}].tools`).entries()) {
      const at = `tools[${index}].tools[${position}]`
      addTool(fieldsAt(inner, at), at, offered, untranslated, namespace)
    }
  }
  return offered
}

function addTool(tool: Fields, at: string, offered: OfferedTools, untranslated: Set<string>, namespace?: string): void {
  const { type } = tool
  const computer = readComputerTool(tool, at, untranslated)
  if (computer !== undefined) {
    offered.tools.push(computer)
    return
  }
  if (type !== 'function' && type !== 'custom') {
    untranslated.add(`tools.${textAt(type, `${at}.type`)}`)
    return
  }
  const read = type === 'function' ? functionTool(tool, at) : textTool(tool, at)
  const made = namespace === undefined ? read : { ...read, name: flatName({ namespace, name: read.name }) }
  if (namespace !== undefined) offered.namespacedTools.set(made.name, { namespace, name: read.name })
  if (type === 'custom') offered.textTools.add(made.name)
  else noteOthers(tool, knownInFunction, 'tools[]', untranslated)
  offered.tools.push(made)
}

/** One name for a tool of a namespace, within the length that providers allow. */
export function flatName({ namespace, name }: NamespacedTool): string {
  const joined = `${namespace}${namespace.endsWith('_') ? '' : '__'}${name}`
  return joined.length <= longestName ? joined : `${joined.slice(0, longestName - 9)}_${hash('sha256', joined, 'hex').slice(0, 8)}`
}

import { join } from 'node:path'
import type { ScriptedProvider } from '../scripted-provider/index.ts'
import type { Home } from './home.ts'

/** A published MCP server under `tools:` of a configuration. */
export function published(name: string, ...args: string[]): { command: string; args: string[] } {
  const script = join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol', `server-${name}`, 'dist/index.js')
  return { command: process.execPath, args: [script, ...args] }
}

/** The four published servers, hosted at once. */
export function fourServers(home: Home): Record<string, unknown> {
  return {
    files: published('filesystem', home.files),
    memory: { ...published('memory'), env: { MEMORY_FILE_PATH: join(home.root, 'graph.jsonl') } },
    everything: published('everything'),
    thinking: published('sequential-thinking'),
  }
}

/** The stand-in for the clouds as the provider `scripted`. */
export function scriptedProvider(cloud: ScriptedProvider, price?: { input: number; output: number }): Record<string, unknown> {
  return { scripted: { kind: 'openai', base_url: cloud.openaiUrl, ...(price !== undefined && { price }) } }
}

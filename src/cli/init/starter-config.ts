import { stringify } from 'yaml'
import { shippedPolicies } from '../../config/schema.ts'

export interface Found {
  readonly openai: boolean
  readonly anthropic: boolean
  readonly local: readonly { readonly name: string; readonly title: string; readonly baseUrl: string; readonly models: readonly string[] }[]
  /** Servers taken over from clients: entries of `tools`. */
  readonly servers: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const schemaFileName = 'signalbox.schema.json'

const models = {
  quick: { anthropic: 'anthropic/claude-haiku-4-5', openai: 'openai/gpt-5-mini' },
  deep: { anthropic: 'anthropic/claude-opus-4-6', openai: 'openai/gpt-5' },
} as const
/** Enough to fall back on; the rest is for the person to add. */
const localModels = 3

/** A first configuration for what was found on the machine, with a word on each part. */
export function starterConfig(found: Found): string {
  const cloud = found.openai || found.anthropic
  return `${[
    `# yaml-language-server: $schema=./${schemaFileName}`,
    '# The configuration of Signalbox. A running Signalbox takes up what you change here; "signalbox config check" says what is wrong.',
    '',
    ...pools(found),
    '',
    ...providers(found),
    '',
    ...tools(found),
    '',
    ...route(found),
    '# Decides which pool answers a step: a policy that ships with Signalbox, or the path of your own.',
    `# There are ${shippedPolicies.join(', ')}.`,
    'policy: balanced',
    '',
    '# A step that could cost more is refused before it is sent.',
    ...(cloud ? ['budget:', '  usd_per_day: 5'] : ['# budget:', '#   usd_per_day: 5']),
  ].join('\n')}\n`
}

function pools(found: Found): string[] {
  const lines = ['# Models that can stand for each other, as provider/model. The first pool answers everyday steps.']
  const named = (pool: keyof typeof models) => [
    ...(found.anthropic ? [models[pool].anthropic] : []),
    ...(found.openai ? [models[pool].openai] : []),
  ]
  if (named('quick').length > 0) {
    lines.push('pools:', '  # expose: true gives clients a tool of its own for the pool, ask_quick.')
    lines.push(`  quick: { models: ${list(named('quick'))}, expose: true }`)
    lines.push(`  deep: { models: ${list(named('deep'))}, for: "hard reasoning, architecture, long refactors" }`)
  }
  const local = found.local.flatMap((server) => server.models.slice(0, localModels).map((model) => `${server.name}/${model}`))
  if (local.length > 0) {
    if (named('quick').length === 0) lines.push('pools:')
    lines.push('  # local: true never sends anything to another machine.', `  private: { models: ${list(local)}, local: true }`)
  }
  if (named('quick').length + local.length > 0) return lines
  return [
    ...lines,
    '# No key and no model server was found: answers are taken word for word from the given text until you add a pool.',
    '# pools:',
    `#   quick: { models: ${list(Object.values(models.quick))}, expose: true }`,
    '#   private: { models: [ollama/qwen3], local: true }',
  ]
}

function providers(found: Found): string[] {
  const lines = [
    '# Keys are read from OPENAI_API_KEY and ANTHROPIC_API_KEY. Programs with windows do not see the variables of your shell:',
    '# for them, write the key here (this file can be read by you alone).',
  ]
  const example = ['#   anthropic: { api_key: "..." }']
  if (found.local.length === 0) return [...lines, '# providers:', ...example]
  return [
    ...lines,
    'providers:',
    ...example,
    ...found.local.map(({ name, baseUrl }) => `  ${name}: { kind: openai, base_url: ${baseUrl} }`),
  ]
}

function tools(found: Found): string[] {
  const lines = ['# MCP servers whose tools are found by meaning. Relative paths start at the folder of this file.']
  if (Object.keys(found.servers).length > 0) return [...lines, ...stringify({ tools: found.servers }).trimEnd().split('\n')]
  return [
    ...lines,
    '# tools:',
    '#   files: { command: npx, args: [-y, "@modelcontextprotocol/server-filesystem", /path/of/a/folder] }',
    `#   docs: { url: https://example.com/mcp, headers: { authorization: "Bearer \${DOCS_TOKEN}" } }`,
  ]
}

/** Agents over HTTP insist on names of their own. */
function route(found: Found): string[] {
  const lines = ['# Whom agents mean by the names that they insist on, when they use Signalbox as their base URL (docs/gateway.md).']
  const globs = ['claude-*', 'gpt-*']
  const hasPools = found.openai || found.anthropic || found.local.length > 0
  const entries = globs.map((glob) => `${JSON.stringify(glob)}: signalbox/auto`).join(', ')
  return [...lines, `${hasPools ? '' : '# '}route: { ${entries} }`, '']
}

function list(items: readonly string[]): string {
  return `[${items.map((item) => (/^[\w./-]+$/.test(item) ? item : JSON.stringify(item))).join(', ')}]`
}

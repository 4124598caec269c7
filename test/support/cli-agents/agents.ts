import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where `scripts/install-cli-agents.js` has put the agents. */
const folder = process.env['SIGNALBOX_CLI_AGENTS']

export type AgentName = 'claude' | 'codex' | 'opencode'

/** A client's own wire format is its own choice; what an agent's person says is only where the models are, and which. */
export interface Agent {
  readonly name: AgentName
  /** Why it cannot be run here. */
  readonly missing: string | undefined
  /** One turn of the person, in a process of its own; a later one goes on with the conversation. */
  turn(options: TurnOptions): Promise<Run>
}

export interface TurnOptions {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string
  readonly model: string
  readonly prompt: string
  readonly goesOn: boolean
  readonly place: Place
}

/** A person's home and the folder that the agent works in. */
export interface Place {
  readonly home: string
  readonly work: string
}

export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

const key = 'none-of-ours-000000000000'

export const agents: readonly Agent[] = [
  agent('claude', '@anthropic-ai/claude-code', '2.1.332', ({ url, model, prompt, goesOn }) => ({
    args: [
      ...['--print', '--output-format', 'stream-json', '--verbose', '--model', model, '--dangerously-skip-permissions'],
      ...(goesOn ? ['--continue'] : []),
      prompt,
    ],
    env: {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      // It refuses to skip its questions for root, but in a sandbox.
      IS_SANDBOX: '1',
    },
  })),
  agent('codex', '@openai/codex', '0.171.0', ({ url, model, prompt, goesOn, place }) => {
    const home = join(place.home, '.codex')
    mkdirSync(home, { recursive: true })
    writeFileSync(
      join(home, 'config.toml'),
      `model_provider = "box"\n[model_providers.box]\nname = "box"\nbase_url = "${url}/v1"\nwire_api = "responses"\nenv_key = "BOX_KEY"\n`,
    )
    const options = ['--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--model', model]
    return { args: ['exec', ...(goesOn ? ['resume', '--last'] : []), ...options, prompt], env: { CODEX_HOME: home, BOX_KEY: key } }
  }),
  agent('opencode', 'opencode-ai', '1.18.33', ({ url, model, prompt, goesOn, place }) => {
    const home = join(place.home, '.config/opencode')
    mkdirSync(home, { recursive: true })
    const config = {
      provider: {
        box: {
          npm: '@ai-sdk/openai-compatible',
          name: 'box',
          options: { baseURL: `${url}/v1`, apiKey: key },
          models: { [model]: { name: model } },
        },
      },
      small_model: `box/${model}`,
      permission: { '*': 'allow' },
      autoupdate: false,
      share: 'disabled',
    }
    writeFileSync(join(home, 'opencode.json'), JSON.stringify(config))
    const args = ['run', '--format', 'json', '--model', `box/${model}`, ...(goesOn ? ['--continue'] : []), prompt]
    return { args, env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' } }
  }),
]

function agent(
  name: AgentName,
  packageName: string,
  version: string,
  command: (options: TurnOptions) => { args: string[]; env: Record<string, string> },
): Agent {
  const program = join(folder ?? '', 'node_modules/.bin', name)
  return {
    name,
    missing: missing(packageName, version),
    turn(options) {
      const { args, env } = command(options)
      const { home, work } = options.place
      const { PATH = '' } = process.env
      return new Promise((resolve) => {
        const child = execFile(
          program,
          args,
          { cwd: work, env: { PATH, HOME: home, ...env }, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
          (error, out, err) => resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, out, err }),
        )
        child.stdin?.end()
      })
    },
  }
}

function missing(packageName: string, version: string): string | undefined {
  if (folder === undefined) return 'SIGNALBOX_CLI_AGENTS names no folder'
  const path = join(folder, 'node_modules', packageName, 'package.json')
  if (!existsSync(path)) return `${packageName} is not in ${folder}`
  const found = (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
  return found === version ? undefined : `${packageName} is ${found} there, not ${version}`
}

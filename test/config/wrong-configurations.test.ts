// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the configuration
import { expect, test } from 'vitest'
import { ConfigError, type ConfigIssue } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createConfigFolders } from '../support/config-folders.ts'

/** Each is wrong in one thing, and gets one issue that names the key, the rule and what was received. */
const wrong: [what: string, yaml: string, issue: ConfigIssue][] = [
  ['a misspelled key', 'pols: {}', { path: 'pols', message: 'must be a known key, received "pols" (did you mean "pools"?)' }],
  [
    'a misspelled key inside',
    'providers: { local: { kind: openai, baseUrl: "http://127.0.0.1:1/v1", base_url: "http://127.0.0.1:1/v1" } }',
    { path: 'providers.local.baseUrl', message: 'must be a known key, received "baseUrl" (did you mean "base_url"?)' },
  ],
  [
    'a key that is near nothing',
    'retention: { fortnights: 3 }',
    {
      path: 'retention.fortnights',
      message: 'must be a known key, received "fortnights" (known here: days, gigabytes, memories, turns, megabytes, when_full)',
    },
  ],
  ['a key of a later version', 'cache: { enabled: true }', { path: 'cache', message: 'is not in this version yet: remove it' }],
  ['a wrong kind of value', 'http: { port: [80] }', { path: 'http.port', message: 'must be a number, received a list of 1' }],
  ['a number out of range', 'http: { port: 70000 }', { path: 'http.port', message: 'must be at most 65535, received 70000' }],
  [
    'a number in quotes',
    'tools: { files: { command: x, timeout_s: "9" } }',
    { path: 'tools.files.timeout_s', message: 'must be a number, received "9"' },
  ],
  [
    'an unquoted number where text is wanted',
    'tools: { files: { command: x, args: [80] } }',
    { path: 'tools.files.args[0]', message: 'must be text (quote a number or true/false to make it text), received a number (not shown)' },
  ],
  [
    'a value that is none of the few',
    'tools: { files: { command: x, expose: directly } }',
    { path: 'tools.files.expose', message: 'must be search or direct, received "directly"' },
  ],
  [
    'a model without provider',
    'pools: { quick: { models: [gpt-5-mini] } }',
    { path: 'pools.quick.models[0]', message: 'must be written provider/model, received "gpt-5-mini"' },
  ],
  [
    'a model of an unknown provider',
    'pools: { quick: { models: [opnai/gpt-5-mini] } }',
    {
      path: 'pools.quick.models[0]',
      message: 'must name a configured provider (openai, anthropic) before the slash, received "opnai/gpt-5-mini" (did you mean "openai"?)',
    },
  ],
  [
    'pictures of targets and two encoders',
    'computer: { pictures: { base_url: "http://127.0.0.1:1/v1", model: m, onnx: /models/clip.onnx, risky: [a.png] } }',
    { path: 'computer.pictures.onnx', message: 'must stand alone: base_url is another encoder, received "/models/clip.onnx"' },
  ],
  [
    'pictures of targets and no encoder',
    'computer: { pictures: { risky: [a.png] } }',
    {
      path: 'computer.pictures.base_url',
      message: 'is required beside its other (base_url and model), unless onnx is there, received nothing',
    },
  ],
  [
    'a pool without models',
    'pools: { quick: { models: [] } }',
    { path: 'pools.quick.models', message: 'must hold at least 1 item, received a list of 0' },
  ],
  [
    'a pool that forgot its models',
    'pools: { quick: { expose: true } }',
    { path: 'pools.quick.models', message: 'is required and must be a list, received nothing' },
  ],
  [
    'a pool with the name of the built-in one',
    'pools: { extractive: { models: [openai/x] } }',
    { path: 'pools.extractive', message: 'must have another name, this one is built in, received "extractive"' },
  ],
  [
    'a local pool on a far model',
    'pools: { private: { models: [openai/gpt-5-mini], local: true } }',
    {
      path: 'pools.private.models[0]',
      message:
        'must run on this machine, because the pool says local: true, received "openai/gpt-5-mini" at api.openai.com (providers.openai.trusted_local: true would allow it)',
    },
  ],
  [
    'a name in capitals',
    'tools: { Files: { command: x } }',
    {
      path: 'tools.Files',
      message: 'must be named with 1 to 32 lower-case letters, digits, "-" and "_", a letter first, received "Files"',
    },
  ],
  [
    'more exposed pools than clients are shown',
    `pools:\n${Array.from({ length: 13 }, (_, index) => `  p${index}: { models: [openai/m${index}], expose: true }\n`).join('')}`,
    { path: 'pools', message: 'must have at most 12 pools with expose: true, received 13' },
  ],
  [
    "an OpenAI address that does not end as OpenAI's do",
    'providers: { local: { kind: openai, base_url: "http://127.0.0.1:8000" } }',
    { path: 'providers.local.base_url', message: 'must end in /v1 for kind openai, received "http://127.0.0.1:8000"' },
  ],
  [
    'an Anthropic address that ends in /v1',
    'providers: { anthropic: { base_url: "https://api.anthropic.com/v1" } }',
    { path: 'providers.anthropic.base_url', message: 'must not end in /v1 for kind anthropic, received "https://api.anthropic.com/v1"' },
  ],
  [
    "one of OpenAI's formats for Anthropic",
    'providers: { anthropic: { format: openai-chat } }',
    { path: 'providers.anthropic.format', message: 'must be left out for kind anthropic, received "openai-chat"' },
  ],
  [
    'a provider without address',
    'providers: { work: { kind: openai } }',
    { path: 'providers.work.base_url', message: 'is required for a provider of your own, received nothing' },
  ],
  [
    'an address that is no http',
    'tools: { docs: { url: "file:///etc/passwd" } }',
    {
      path: 'tools.docs.url',
      message: 'must be an http:// or https:// URL without user name, query or fragment, received "file:///etc/passwd"',
    },
  ],
  [
    'a server that is reached in two ways',
    'tools: { docs: { url: "https://example.com/mcp", command: npx } }',
    { path: 'tools.docs', message: 'must have either command or url, received "both"' },
  ],
  [
    'headers for a program',
    'tools: { files: { command: npx, headers: { accept: x } } }',
    { path: 'tools.files.headers', message: 'must only stand beside url, received a mapping' },
  ],
  [
    'a login for a program',
    'tools: { files: { command: npx, oauth: { client_id: x } } }',
    { path: 'tools.files.oauth', message: 'must only stand beside url, received a mapping' },
  ],
  [
    'a secret of no client',
    'tools: { docs: { url: "https://example.com/mcp", oauth: { client_secret: swordfish } } }',
    { path: 'tools.docs.oauth.client_secret', message: 'must only stand beside client_id, received a text of 9 characters (not shown)' },
  ],
  [
    'a policy that does not ship',
    'policy: balansed',
    {
      path: 'policy',
      message:
        'must be a shipped policy (balanced, cheap, quality, private, coding-agent, computer-use) or the path of a .yaml file, received "balansed" (did you mean "balanced"?)',
    },
  ],
  [
    'a profile of a server that is not there',
    'tools: { files: { command: x } }\nprofiles: { work: { servers: [file] } }',
    { path: 'profiles.work.servers[0]', message: 'must name a server under tools, received "file" (did you mean "files"?)' },
  ],
  [
    'a second server without prefix',
    'tools: { a: { command: x, prefix: false }, b: { command: y, prefix: false } }',
    { path: 'tools.b.prefix', message: 'must be true: only one server may go without, and "a" does, received false' },
  ],
  [
    'an open port without a token',
    'http: { host: 0.0.0.0, allowed_hosts: [box.example.com] }',
    { path: 'http.token', message: 'must be set when http.host is not this machine ("0.0.0.0"), received nothing' },
  ],
  [
    'a variable that is not set',
    'tools: { docs: { url: "https://example.com/mcp", headers: { authorization: "Bearer ${DOCS_TOKEN}" } } }',
    { path: 'tools.docs.headers.authorization', message: 'needs the environment variable DOCS_TOKEN, which is not set' },
  ],
  ['a list instead of the file', '- pools', { path: '', message: 'must be a mapping, received a list of 1' }],
  ['a tab as indentation', 'pools:\n\tquick: 1', { path: '', message: expect.stringMatching(/^line 2, column 1 is not valid YAML: /) }],
  [
    'a key given twice',
    'policy: balanced\npolicy: balanced',
    { path: '', message: expect.stringMatching(/^line 2, column 1 is not valid YAML: .*unique/) },
  ],
]

test.each(wrong)('loadConfig() refuses %s with one issue of key, rule and value', async (_, yaml, issue) => {
  using folders = createConfigFolders()
  const path = folders.write('signalbox.yaml', yaml)

  const error = await loadConfig({ ...folders.surroundings, path }).catch((reason: unknown) => reason)

  expect(error).toBeInstanceOf(ConfigError)
  expect((error as ConfigError).issues).toEqual([issue])
  expect((error as ConfigError).message).toContain(path)
})

test('loadConfig() tells every issue at once', async () => {
  using folders = createConfigFolders()
  const path = folders.write('signalbox.yaml', 'http: { port: -1 }\nbudget: { usd_per_dy: 1 }\ntools: { files: { command: "${NOPE}" } }')

  const error = await loadConfig({ ...folders.surroundings, path }).catch((reason: unknown) => reason)

  expect((error as ConfigError).issues.map((issue) => issue.path)).toEqual(['tools.files.command', 'budget.usd_per_dy', 'http.port'])
})

const secret = 'correct-horse-battery-staple'

test.each([
  ['a short token', 'http: { token: correct-horse }', 'correct-horse'],
  ['a key of the wrong kind', `providers: { openai: { api_key: [${secret}] } }`, secret],
  ['a header with a line break', `tools: { d: { url: "https://e.com/mcp", headers: { authorization: "${secret}\\nx" } } }`, secret],
  ['a value that looks like a key in the wrong place', 'pools: { quick: sk-proj-abcdefgh }', 'sk-proj-abcdefgh'],
  ['credentials in a URL', `tools: { d: { url: "https://me:${secret}@e.com/mcp" } }`, secret],
  ['a variable in the wrong place', 'policy: "${SECRET}"', secret],
  ['an environment value of the wrong kind', `tools: { d: { command: x, env: { KEY: { inner: ${secret} } } } }`, secret],
  ['text that is no YAML', `providers: { openai: { api_key: "${secret}" ${secret} } }`, secret],
  ['an alias that is not there', `providers: { openai: { api_key: *${secret} } }`, secret],
])('loadConfig() never tells the secret in %s', async (_, yaml, hidden) => {
  using folders = createConfigFolders()
  const path = folders.write('signalbox.yaml', yaml)
  const options = { ...folders.surroundings, env: { ...folders.surroundings.env, SECRET: secret }, path }

  const error = await loadConfig(options).catch((reason: unknown) => reason)

  expect(error).toBeInstanceOf(ConfigError)
  expect((error as ConfigError).message).not.toContain(hidden)
})

import { z } from 'zod'
import { logLevels } from '../log.ts'
import { isSafeUrl } from './addresses.ts'

/** The policies that ship with Signalbox. */
export const shippedPolicies = ['balanced', 'cheap', 'quality', 'private', 'coding-agent', 'computer-use'] as const

export const limits = {
  fileBytes: 1024 * 1024,
  pools: 64,
  exposedPools: 12,
  providers: 64,
  servers: 128,
  profiles: 64,
  roles: 64,
  tokens: 64,
  clients: 64,
  routes: 256,
  domains: 64,
} as const

/** Keys of the documented configuration that this version cannot act on yet. They are refused: nothing is accepted and ignored. */
export const laterKeys: ReadonlySet<string> = new Set(['cache'])

/** Of a pool, a provider or a server. */
export const name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be named with 1 to 32 lower-case letters, digits, "-" and "_", a letter first')
const line = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0\r\n]*$/, 'must be one line of text')
const filled = (max: number) => line(max).min(1)
const globs = z.array(filled(128)).max(256)
const seconds = (max: number) => z.number().min(0).max(max)
const dollars = z.number().min(0).max(1_000_000)

/** A mapping whose keys the user chooses. */
const named = <Value extends z.ZodType>(value: Value, most: number, key: z.ZodString = name) =>
  z.record(key, value).refine((entries) => Object.keys(entries).length <= most, { error: `must hold at most ${most} entries`, abort: true })

/** What a session may take. */
const sessionAmounts = {
  steps: z.int().min(1).max(1_000_000).optional(),
  tokens: z.int().min(1).max(1_000_000_000).optional(),
  usd: dollars.optional(),
}
const ofDomains = named(
  z.strictObject(sessionAmounts).refine((given) => Object.values(given).some((one) => one !== undefined), 'give steps, tokens or usd'),
  limits.domains,
  line(100),
)

/** http(s) without credentials, query or fragment: what follows the base is appended to it. */
const url = filled(2048).refine(isPlainUrl, 'must be an http:// or https:// URL without user name, query or fragment')

/** Tokens, and the keys that they are checked with, only travel where nobody else reads along. */
const safeUrl = url.refine(isSafeUrl, 'must be https, or http on this machine')

const price = z
  .strictObject({
    input: dollars,
    output: dollars,
    cache_read: dollars.optional().describe('Counts as input unless told'),
    cache_write: dollars.optional().describe('Counts as input unless told'),
  })
  .describe('US dollars for a million tokens')

const token = z
  .string()
  .min(16)
  .max(4096)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')

const pool = z.strictObject({
  models: z
    .array(filled(200).regex(/^[^\s/]+\/\S+$/, 'must be written provider/model'))
    .min(1)
    .max(16)
    .describe('provider/model, in order of preference'),
  for: line(300).default('').describe('What the pool is good at, in words: people, models and the policy read it'),
  expose: z.boolean().default(false).describe('Whether clients see the pool as a tool of its own, ask_<pool>'),
  local: z.boolean().default(false).describe('Whether its models must run on this machine (or on a provider with trusted_local)'),
  modalities: z
    .array(z.enum(['text', 'image', 'file']))
    .min(1)
    .max(3)
    .default(['text'])
    .describe('What each model of the pool must be able to take'),
  computer: z.boolean().default(false).describe('Whether the pool is kept for computer use'),
})

const provider = z.strictObject({
  kind: z
    .enum(['openai', 'anthropic'])
    .optional()
    .describe('The wire format; may be left out for the providers named openai and anthropic'),
  format: z
    .enum(['openai-chat', 'openai-responses'])
    .optional()
    .describe('For kind openai: what is spoken to it; openai-responses at api.openai.com and openai-chat elsewhere, unless given'),
  base_url: url.optional().describe("OpenAI's ends in /v1, Anthropic's does not"),
  api_key: filled(4096).optional().describe(`Best written \${VARIABLE}`),
  price: price.optional().describe('For each of its models, instead of the published price'),
  trusted_local: z.boolean().default(false).describe('Whether a host other than this machine counts as local'),
})

const server = z.strictObject({
  command: filled(4096).optional().describe('The program to start, which speaks MCP over stdio'),
  args: z.array(z.string().max(8192)).max(256).optional(),
  env: named(z.string().max(32_768), 128, z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable'))
    .optional()
    .describe('The only variables that the program gets beyond the basic ones'),
  cwd: filled(4096).optional().describe("The folder it starts in; the configuration's own unless told"),
  url: url.optional().describe('The address of a server that speaks MCP over Streamable HTTP'),
  headers: named(line(8192), 64, z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'must be the name of an HTTP header')).optional(),
  oauth: z
    .strictObject({
      client_id: filled(2048)
        .optional()
        .describe('As registered by hand with the authorization server; unless given, Signalbox registers itself'),
      client_secret: filled(4096).optional().describe(`Best written \${VARIABLE}`),
      scopes: z
        .array(filled(256).regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be one OAuth scope'))
        .min(1)
        .max(64)
        .optional()
        .describe('Asked for at the login, instead of those that the server names'),
    })
    .optional()
    .describe('How signalbox tools login logs in to it'),
  allow: globs.default([]).describe("Globs over the server's own tool names; empty allows all"),
  block: globs.default([]).describe('Globs; wins over allow'),
  read_only: z
    .union([z.boolean(), globs], 'must be true, false or a list of globs')
    .default(false)
    .describe('Tools that only read, whatever the server says: true for all, or globs'),
  stays_inside: z
    .union([z.boolean(), globs], 'must be true, false or a list of globs')
    .default(false)
    .describe('Tools that reach nothing outside, whatever the server says: true for all, or globs'),
  private: z
    .union([z.boolean(), globs], 'must be true, false or a list of globs')
    .optional()
    .describe("Tools whose results are private: true, false or globs; unless given, what a command server's tools read, if not the world"),
  timeout_s: z
    .number()
    .positive()
    .max(3600)
    .default(60)
    .describe('The longest silence of one call: progress begins it anew, and an hour ends it in any case'),
  concurrency: z.int().min(1).max(64).default(8).describe('Calls at one time'),
  rate_per_minute: z.int().min(1).max(100_000).optional().describe('Calls that may start in a minute; more wait, up to their time limit'),
  idle_s: seconds(86_400).default(0).describe('Stopped after this long without a call, and started again on demand; 0 keeps it'),
  expose: z.enum(['search', 'direct']).default('search').describe('search: found by find_tools; direct: its tools are listed themselves'),
  prefix: z.boolean().default(true).describe("Whether its tools' names start with its own; only one server may go without"),
  pin: z
    .enum(['first-sight', 'ask', 'off'])
    .optional()
    .describe(
      'A tool whose definition changed is held back until it is approved: from the first sight on (command servers), from the first approval on (url servers), or never',
    ),
  trust_annotations: z
    .boolean()
    .optional()
    .describe('Whether its own readOnlyHint counts; true for command servers, false for url servers'),
})

/** The configuration file, as it is written. What it means is decided in `resolve.ts`. */
export const fileSchema = z
  .strictObject({
    pools: named(pool, limits.pools).default({}).describe('Models that can stand for each other; the first pool is the everyday one'),
    providers: named(provider, limits.providers).default({}),
    tools: named(server, limits.servers).default({}).describe('MCP servers whose tools are hosted'),
    policy: filled(4096)
      .default('balanced')
      .describe(`A shipped policy (${shippedPolicies.join(', ')}), or the path of a policy file`),
    budget: z
      .strictObject({
        usd_per_day: dollars.optional(),
        usd_per_call: dollars.optional(),
        session: z
          .strictObject({
            ...sessionAmounts,
            domains: ofDomains
              .optional()
              .describe('What of a session may go into one domain, by the values of the signal that the policy names domain'),
            callers: named(z.strictObject({ ...sessionAmounts, domains: ofDomains.optional() }), limits.tokens, line(100))
              .optional()
              .describe(
                'What holds for one caller in the place of what is said for all, by the name of its key; local is the local person',
              ),
            past: z
              .boolean()
              .default(false)
              .describe("Where no limit is given: three times what nine of ten of the caller's past sessions stay within"),
          })
          .refine(({ past, ...given }) => past || Object.values(given).some((one) => one !== undefined), {
            error: 'give steps, tokens, usd, domains, callers, or past: true',
          })
          .optional(),
      })
      .default({}),
    images: z
      .strictObject({
        roots: z.array(filled(4096)).max(64).default([]).describe('Folders from which the local user may name image files'),
        max_pixels: z.int().min(10_000).max(268_000_000).default(50_000_000).describe('Larger images are refused before they are decoded'),
      })
      .prefault({}),
    computer: z
      .strictObject({
        ocr: z.enum(['ppocr', 'tesseract', 'off']).default('ppocr').describe('What reads the texts of screens for the guard'),
        icons: z.enum(['bundled', 'off']).default('bundled').describe('What names signs without letters on screens for the guard'),
        safe_targets: z.array(filled(200)).max(1000).default([]).describe('Labels on screens that are harmless here'),
        risky_targets: z
          .array(filled(200))
          .max(1000)
          .default([])
          .describe('Labels on screens that a person has to confirm here, and what is like them'),
        pictures: z
          .strictObject({
            base_url: url.optional(),
            model: filled(200).optional(),
            api_key: filled(4096).optional(),
            format: z.enum(['jina', 'infinity', 'vllm']).default('jina').describe('How the endpoint wants pictures'),
            onnx: filled(4096).optional().describe('A file instead of an endpoint: the vision part of a model'),
            family: z.enum(['clip', 'siglip']).default('clip').describe('Of the file: how the model wants the values of pixels'),
            size: z.int().min(32).max(1024).default(224).describe('Of the file: the side of its pictures'),
            risky: z.array(filled(4096)).min(1).max(100).describe('Files: pictures of targets that a person has to confirm here'),
            safe: z.array(filled(4096)).max(100).default([]).describe('Files: pictures of targets that are harmless here'),
            least: z.number().min(0).max(1).default(0.85).describe('The cosine from which a target counts as like a picture'),
          })
          .optional()
          .describe('An image encoder, behind /v1/embeddings or in a file, and what targets look like'),
      })
      .prefault({}),
    http: z
      .strictObject({
        port: z.int().min(0).max(65_535).default(8737).describe('The next free port when it is taken; 0 takes any'),
        host: filled(255).default('127.0.0.1').describe('Any other than this machine needs token and allowed_hosts'),
        token: token.optional().describe("The owner's: with it, only who sends it, or one of tokens, is let in"),
        tokens: z
          .array(
            z.strictObject({
              name: name.describe('For people: in the log and in status'),
              token,
              roles: z.array(name).min(1).max(16).describe('Names under roles, or owner, which is bound by none'),
              rate_per_minute: z.int().min(1).max(100_000).optional().describe('Calls of models that may begin in a minute under /v1'),
            }),
          )
          .max(limits.tokens)
          .default([])
          .describe('Further keys, each a principal of its own'),
        oauth: z
          .strictObject({
            issuer: safeUrl.describe('Whose access tokens are taken, exactly as they name it'),
            audience: safeUrl.describe('The address of this server by which tokens are made out to it, such as https://box.example/mcp'),
            jwks_uri: safeUrl.optional().describe("The issuer's keys, where its metadata do not say"),
            algorithms: z
              .array(z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']))
              .min(1)
              .max(10)
              .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
              .describe('With which a token may be signed'),
            principal_claim: filled(64).default('sub').describe('The claim that names who it is'),
            roles_claim: filled(64).optional().describe('A claim that names roles; it makes nobody the owner'),
            scopes: named(
              z.array(name).min(1).max(16),
              limits.roles,
              z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'must be a scope'),
            )
              .default({})
              .describe('Which roles a scope gives'),
          })
          .optional()
          .describe('An authorization server whose access tokens (JWT) are taken as keys'),
        allowed_hosts: z.array(filled(255)).max(64).default([]).describe('Host headers that are answered, besides those of this machine'),
      })
      .prefault({}),
    route: named(
      filled(200),
      limits.routes,
      z.string().regex(/^[^\s\0]{1,128}$/, 'must be a model name or a glob over them, without spaces'),
    )
      .default({})
      .describe(
        'Names that clients of /v1 insist on, and whom they mean: signalbox/auto, signalbox/<pool> or provider/model; the first glob that matches counts',
      ),
    embedder: z
      .strictObject({ base_url: url, model: filled(200), api_key: filled(4096).optional() })
      .optional()
      .describe('An OpenAI-compatible /v1/embeddings endpoint instead of the built-in model'),
    clients: named(
      z.strictObject({
        handle_after_s: z.number().min(1).max(3600).default(45).describe('A call that takes longer answers with a handle'),
        result_bytes: z.int().min(10_000).max(100_000_000).default(1_000_000).describe('Of one tool result'),
      }),
      limits.clients,
      z.string().regex(/^[^\0\r\n]{1,64}$/, 'must be the name by which the client calls itself, at most 64 characters'),
    )
      .default({})
      .describe("By the client's own name; `default` for all others"),
    profiles: named(z.strictObject({ servers: z.array(name).max(limits.servers).default([]), tools: globs.default([]) }), limits.profiles)
      .default({})
      .describe('Fixed subsets of the tools, for /mcp/<name> and --profile; an empty list allows all'),
    learning: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether the ranking of tools learns from how calls of them ended'),
        exploration: z
          .number()
          .min(0)
          .max(0.2)
          .default(0.02)
          .describe('Of all searches for tools, the share whose last shown tool is exchanged with one of the next four'),
      })
      .prefault({}),
    search: z
      .strictObject({
        examples: z
          .strictObject({
            pool: name.describe('Under pools: its models read the definition of each tool'),
            usd_per_day: dollars.default(0.5).describe('More is not spent on it; of models whose price is unknown none is asked'),
          })
          .optional()
          .describe('Lets a model write requests that each tool would serve, as a further view of it for the search; nothing unless given'),
      })
      .prefault({}),
    memory: z
      .strictObject({
        project: filled(200)
          .optional()
          .describe('What new threads belong to, and scope project means; --project and a thread of another one come first'),
      })
      .prefault({}),
    background: z
      .strictObject({
        pool: name.describe('Under pools: its models read what was said and write summaries and facts'),
        usd_per_day: dollars.default(0.5).describe('More is not spent on it; of models whose price is unknown none is asked'),
      })
      .optional()
      .describe('Whose models work on memory in the background; without it, those of the first pool that is local, else none'),
    roles: named(
      z.strictObject({
        tools: globs.optional().describe('Globs over exposed names; without servers, no hosted prompt or resource is reached'),
        servers: globs.optional().describe("Globs over servers' names under tools"),
        pools: z.array(name).max(limits.pools).optional().describe('Names under pools'),
      }),
      limits.roles,
    )
      .default({})
      .describe('What the holders of a key see and may use at most: what is left out is not bound, an empty list reaches nothing'),
    retention: z
      .strictObject({
        days: z
          .number()
          .positive()
          .max(36_500)
          .default(365)
          .describe('How long threads, decisions, images and large results are kept; what was remembered on request has no end'),
        gigabytes: z
          .number()
          .min(0.01)
          .max(10_000)
          .default(4)
          .describe('Of threads, of decisions, and of images with large results, each: the oldest go first above this'),
        memories: z
          .int()
          .min(1)
          .max(10_000_000)
          .default(20_000)
          .describe('How many pieces of text, of about 200 tokens, each caller may have remembered on request; more are refused'),
        turns: z.int().min(1).max(100_000_000).default(200_000).describe('How many turns each caller may keep in threads'),
        megabytes: z.number().min(0.01).max(10_000_000).default(1000).describe('How much the turns of a caller may take together'),
        when_full: z
          .enum(['refuse', 'oldest'])
          .default('refuse')
          .describe('A turn that does not fit is not kept, and who asked is told; or the threads that were not used for longest go'),
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z.enum(logLevels).optional().describe('The least that is logged; --log-level and SIGNALBOX_LOG go before it'),
        format: z
          .enum(['text', 'json'])
          .optional()
          .describe('text for people, json for programs; --log-format and SIGNALBOX_LOG go before it'),
      })
      .prefault({}),
    telemetry: z
      .strictObject({
        otlp: url
          .optional()
          .describe('The base address of a collector: traces are posted to /v1/traces below it; unless given, OTEL_EXPORTER_OTLP_ENDPOINT'),
        headers: named(line(8192), 32, z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'must be the name of an HTTP header'))
          .default({})
          .describe(`For the collector; a key is best written \${VARIABLE}`),
        content: z
          .boolean()
          .default(false)
          .describe('Whether traces hold what people, models and tools said, without keys and without what guards.privacy covers'),
        share: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe('Of the traces that begin here, the share that is recorded; all, unless OTEL_TRACES_SAMPLER says otherwise'),
      })
      .prefault({}),
    audit: z
      .strictObject({
        arguments: z
          .enum(['shape', 'values'])
          .default('shape')
          .describe("Of each call's arguments, the record of calls keeps keys, types and sizes, or the values as well"),
      })
      .prefault({}),
  })
  .describe('The configuration of Signalbox')

/** As a person writes it: what has a default may be left out. */
export type ConfigInput = z.input<typeof fileSchema>
export type ConfigFile = z.output<typeof fileSchema>
export type ServerFile = ConfigFile['tools'][string]
export type ProviderFile = ConfigFile['providers'][string]

/** The JSON Schema of the file, for editors. */
export function configSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-7' }), title: 'Signalbox configuration' }
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '' && search === '' && hash === ''
}

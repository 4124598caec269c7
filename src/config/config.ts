import type { Price } from '../../models/deployment.ts'
import type { PictureFormat, PictureModel } from '../../models/local/index.ts'
import type { ServerOptions } from '../../tools/tool.ts'
import type { Bounds } from '../caller.ts'
import type { BudgetLimits } from '../dispatch/budget.ts'
import type { SessionLimits } from '../dispatch/session-budget.ts'
import type { LogLevel } from '../log.ts'
import type { TelemetryConfig } from './telemetry.ts'

/** The configuration as it runs: parsed once, checked, frozen. Milliseconds, bytes and dollars, defaults filled in. */
export interface Config {
  readonly origin: ConfigOrigin
  /** Absolute path of the data folder (`SIGNALBOX_HOME`, else the platform's). */
  readonly dataFolder: string
  /** In the order of the file: the first pool is the everyday one. */
  readonly pools: readonly PoolConfig[]
  readonly providers: readonly ProviderConfig[]
  readonly servers: readonly ServerOptions[]
  /** A shipped policy's name, or the absolute path of a policy file. */
  readonly policy: { readonly kind: 'shipped'; readonly name: string } | { readonly kind: 'file'; readonly path: string }
  readonly budget: BudgetLimits & { readonly session?: SessionLimits | undefined }
  readonly images: { readonly roots: readonly string[]; readonly maxPixels: number }
  readonly computer: {
    readonly ocr: 'ppocr' | 'tesseract' | 'off'
    readonly icons: 'bundled' | 'off'
    /** Labels, each told apart by what it means. */
    readonly safeTargets: readonly string[]
    readonly riskyTargets: readonly string[]
    /** An image encoder, and files of what targets look like. */
    readonly pictures?: PicturesConfig | undefined
  }
  readonly http: {
    readonly port: number
    readonly host: string
    /** The owner's. */
    readonly token: string | undefined
    readonly tokens: readonly {
      readonly name: string
      readonly token: string
      readonly roles: readonly string[]
      readonly ratePerMinute: number | undefined
    }[]
    readonly oauth: OAuthConfig | undefined
    readonly allowedHosts: readonly string[]
  }
  /** Globs over the names that clients of `/v1` ask for, and the name that is meant. */
  readonly route: Readonly<Record<string, string>>
  /** An OpenAI-compatible `/v1/embeddings` endpoint instead of the built-in model. */
  readonly embedder: { readonly baseUrl: string; readonly model: string; readonly apiKey: string | undefined } | undefined
  /** By the client's own name, lower case; `default` is always there. */
  readonly clients: Readonly<Record<string, ClientLimits>>
  /** Fixed subsets of hosted tools: globs over exposed names, or servers. */
  readonly profiles: Readonly<Record<string, ProfileConfig>>
  /** Whether the ranking of tools learns from outcomes, and the share of searches that try another tool in the last place. */
  readonly search: { readonly examples: { readonly pool: string; readonly usdPerDay: number } | undefined }
  readonly memory: { readonly project: string | undefined }
  /** Whose models work on memory in the background, where the configuration names it. */
  readonly background: { readonly pool: string; readonly usdPerDay: number } | undefined
  readonly learning: { readonly enabled: boolean; readonly exploration: number }
  /** What the holders of keys reach at most. */
  readonly roles: Readonly<Record<string, Bounds>>
  /** What no option and no variable says. */
  readonly log: { readonly level: LogLevel | undefined; readonly format: 'text' | 'json' | undefined }
  readonly telemetry: TelemetryConfig
  readonly retention: {
    readonly days: number
    readonly gigabytes: number
    readonly memories: number
    readonly turns: number
    readonly megabytes: number
    readonly when_full: 'refuse' | 'oldest'
  }
  /** What the record of calls keeps of their arguments. */
  readonly audit: { readonly arguments: 'shape' | 'values' }
}

/** An authorization server whose access tokens are keys. */
export interface OAuthConfig {
  readonly issuer: string
  /** What tokens are made out to: the address of this server. */
  readonly audience: string
  /** Where its keys are; `undefined` asks its metadata. */
  readonly jwksUri: string | undefined
  readonly algorithms: readonly string[]
  readonly principalClaim: string
  readonly rolesClaim: string | undefined
  /** Roles by scope. */
  readonly scopes: Readonly<Record<string, readonly string[]>>
}

/** Where the configuration came from, and what was found but not used. */
export interface ConfigOrigin {
  readonly kind: 'named' | 'environment' | 'user' | 'folder' | 'embedded' | 'given'
  /** Absolute; `undefined` for the embedded defaults, and for what a program has given that embeds Signalbox. */
  readonly path: string | undefined
  /** A `./signalbox.yaml` that is not trusted: it does nothing, and this says so. */
  readonly ignored: { readonly path: string; readonly reason: string } | undefined
}

export interface PoolConfig {
  readonly name: string
  /** `provider/model`, in order of preference. */
  readonly models: readonly string[]
  readonly expose: boolean
  /** `for`: what the pool is good at. */
  readonly purpose: string
  readonly local: boolean
  readonly modalities: readonly ('text' | 'image' | 'file')[]
  readonly computer: boolean
}

export interface ProviderConfig {
  readonly name: string
  readonly kind: 'openai' | 'anthropic'
  /** Of kind `openai`, where the configuration says it. */
  readonly format: 'openai-chat' | 'openai-responses' | undefined
  readonly baseUrl: string
  readonly apiKey: string | undefined
  /** The variable that an error message may name; the key itself is never shown. */
  readonly apiKeyVariable: string | undefined
  readonly price: Price | undefined
  readonly loopback: boolean
  readonly trustedLocal: boolean
}

export interface ClientLimits {
  readonly handleAfterMs: number
  /** Of one tool result, base64 included. */
  readonly resultBytes: number
}

export interface ProfileConfig {
  /** Globs over exposed tool names; empty allows all. */
  readonly tools: readonly string[]
  /** Server names; empty allows all. */
  readonly servers: readonly string[]
}

export interface PicturesConfig {
  readonly encoder:
    | {
        readonly kind: 'endpoint'
        readonly baseUrl: string
        readonly model: string
        readonly apiKey: string | undefined
        readonly format: PictureFormat
      }
    | { readonly kind: 'onnx'; readonly path: string; readonly family: PictureModel; readonly size: number }
  /** Absolute paths. */
  readonly risky: readonly string[]
  readonly safe: readonly string[]
  readonly least: number
}

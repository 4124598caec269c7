import { z } from 'zod'
import { ImageError } from '../../models/errors.ts'
import { type FittedParts, fitParts, imageRule } from '../../models/images.ts'
import type { RunScope } from '../runs/run.ts'
import { limitsOf } from './client-limits.ts'
import { describeRun, handleAfterMs } from './long.ts'
import type { DoneResult, LongOperation, Operation } from './operation.ts'
import { failure } from './result.ts'
import type { Services } from './services.ts'

const input = z.strictObject({
  image: z.string().min(1).describe('data: URL, path, or signalbox://frame/ID'),
  target: z.string().min(1).max(200).describe('provider/model, or a client such as claude-desktop'),
  redact: z.boolean().optional().describe('mask keys, tokens and personal numbers'),
})

type Input = z.infer<typeof input>

/** Makes an image fit a model or client exactly, a tall page in parts; the original stays a resource. */
export function createFitImage(services: Services): Operation {
  // A large page full of words may be read for minutes before it can be masked.
  const long: LongOperation = {
    execute: (given: Input, scope) => execute(services, given, scope),
    present: (run) => ({
      kind: 'done',
      content: [{ type: 'text', text: describeRun(run) }],
      isError: run.status !== 'working',
    }),
  }
  const operation: Operation & { long: LongOperation } = {
    name: 'fit_image',
    title: 'Fit an image',
    description: "Fits an image to a model's or client's exact limits, a tall page in parts, without metadata; says scale and tokens.",
    input,
    annotations: { readOnlyHint: true, openWorldHint: false },
    long,
    run: (given: Input, context) =>
      services.runs.execute(operation, given, context, { handleAfterMs: handleAfterMs(services, context.caller, undefined) }),
  }
  return operation
}

async function execute(services: Services, { image, target, redact = false }: Input, scope: RunScope): Promise<DoneResult> {
  const { caller, signal } = scope
  const { bytes } = await services.files.read(image, caller)
  try {
    const { rule, maxBytes } = ruleOf(services, target)
    const { frame } = await services.computer.frames.take(caller.principal, undefined, { bytes }, { signal })
    const masked = redact ? await services.computer.masking.image(caller.principal, frame.id, [rule]) : undefined
    // What was asked to be masked goes nowhere unread.
    if (masked?.unread !== undefined) return failure(`Cannot redact the image: ${masked.unread}`)
    const { source, parts } = await fitParts(services.images, masked?.bytes ?? bytes, { rule, maxBytes }, { signal })
    const about = {
      frame: frame.id,
      target,
      rule: rule.name,
      source,
      ...placesOf(parts),
      tokens: parts.reduce((tokens, part) => tokens + part.tokens, 0),
      bytes: parts.reduce((total, part) => total + part.bytes.length, 0),
      redacted:
        masked === undefined ? false : masked.masked.map(({ kind, left, top, right, bottom }) => ({ kind, left, top, right, bottom })),
    }
    return {
      kind: 'done',
      content: [
        ...parts.map(({ bytes: data, mediaType }) => ({
          type: 'image',
          data: Buffer.from(data).toString('base64'),
          mimeType: mediaType,
        })),
        { type: 'text', text: JSON.stringify(about) },
      ],
    }
  } catch (error) {
    if (error instanceof ImageError) return failure(error.message)
    throw error
  }
}

/** Size and scale of the one image, or those of each part with its place in the picture as taken. */
function placesOf(parts: FittedParts['parts']) {
  const places = parts.map(({ left, top, width, height, scale }) => ({ left, top, width, height, scale }))
  const [{ width, height, scale } = {}] = places
  return places.length > 1 ? { parts: places } : { width, height, scale }
}

/** A configured model's own rule; a client's result limit and the rule of the models behind it otherwise. */
function ruleOf(services: Services, target: string) {
  const deployment = services
    .pools()
    .flatMap((pool) => pool.deployments)
    .find((one) => one.id === target || one.model === target)
  if (deployment !== undefined) return { rule: imageRule(deployment.imageRule), maxBytes: undefined }
  const name = target.toLowerCase()
  const limit = limitsOf(services, name).resultBytes
  const anthropic = /claude|anthropic/.test(name)
  const openai = /gpt|openai|codex/.test(name)
  return { rule: imageRule(anthropic ? 'anthropic-standard' : openai ? 'openai-high' : 'generic'), maxBytes: Math.floor(limit * 0.7) }
}

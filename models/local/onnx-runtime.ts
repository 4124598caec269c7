import type { InferenceSession, Tensor } from 'onnxruntime-web'
import type { OnnxRuntime } from './minilm-protocol.ts'

// Both packages share the interface of onnxruntime-common; only these parts are used.
export interface Runtime {
  InferenceSession: typeof InferenceSession
  Tensor: typeof Tensor
}

export interface FirstThatWorks<Model> {
  /** `undefined`: none does. */
  readonly model: Model | undefined
  readonly name: OnnxRuntime | undefined
  /** Those before it, and why they do not. */
  readonly skipped: { runtime: string; reason: string }[]
}

/** What `open` makes of the first runtime that is there and with which it does not fail. */
export async function firstThatWorks<Model>(
  names: readonly OnnxRuntime[],
  open: (runtime: Runtime, name: OnnxRuntime) => Promise<Model>,
): Promise<FirstThatWorks<Model>> {
  const skipped: { runtime: string; reason: string }[] = []
  for (const name of names) {
    try {
      return { model: await open(await importRuntime(name), name), name, skipped }
    } catch (error) {
      skipped.push({ runtime: name, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return { model: undefined, name: undefined, skipped }
}

async function importRuntime(name: OnnxRuntime): Promise<Runtime> {
  if (name === 'onnxruntime-node') {
    const module = await import('onnxruntime-node')
    return (module.default ?? module) as Runtime
  }
  const module = await import('onnxruntime-web')
  // More threads gain nothing with these models' operators.
  module.env.wasm.numThreads = 1
  module.env.logLevel = 'error'
  return module
}

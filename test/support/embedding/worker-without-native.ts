import { registerHooks } from 'node:module'

/** The embedder's worker on a machine where the optional native package was not installed. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'onnxruntime-node') throw new Error('Cannot find package onnxruntime-node')
    return next(specifier, context)
  },
})

await import('../../../models/local/minilm-worker.ts')

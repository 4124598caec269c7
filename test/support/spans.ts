import { createTracer, type EndedSpan, type Tracer, type TracerOptions } from '../../src/telemetry/tracer.ts'

export interface SpanTree {
  readonly name: string
  readonly children: readonly SpanTree[]
}

/** A tracer whose spans stay here. */
export function keepSpans(options: Partial<TracerOptions> = {}): { tracer: Tracer; spans: EndedSpan[]; tree(): SpanTree[] } {
  const spans: EndedSpan[] = []
  const tracer = createTracer({ ended: (span) => spans.push(span), close: async () => undefined, content: false, share: 1, ...options })
  const below = (parent: string | undefined): SpanTree[] =>
    spans
      .filter((span) => span.parent === parent)
      .toSorted((left, right) => left.startMs - right.startMs)
      .map(({ name, context }) => ({ name, children: below(context.spanId) }))
  return { tracer, spans, tree: () => below(undefined) }
}

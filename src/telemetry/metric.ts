/** One thing that is measured, as it stands in `/metrics` and in `docs/observability.md`. */
export interface Metric<Label extends string> {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Each has few values: names of the configuration, or words of ours. Never whoever calls, never an id. */
  readonly labels: readonly Label[]
  /** Upper bounds of a histogram, ascending. */
  readonly buckets?: readonly number[] | undefined
  /** Whether only the owner is told: it names what a role may not reach. */
  readonly owner?: boolean | undefined
}

import { z } from 'zod'
import { outsideOptions, outsideSignal } from './outside-classifier.ts'
import { defineSignal } from './signal.ts'

/** The label that a classifier behind a URL gives: it is sent `{"text"}` by POST and answers `{"label", "confidence"}`. */
export const httpClassifier = defineSignal({
  value: 'text',
  is: 'the label of a [classifier behind a URL](policies.md#classifiers-of-your-own)',
  options: {
    url: 'https, or http on this machine',
    headers: 'of the request; variables of the environment are filled in',
    labels: 'those that it may say',
    threshold: 'empty below this confidence',
    timeout_ms: 'how long it is waited for',
    on_error: '`unscored`, or the label that stands for a failure',
  },
  schema: z.strictObject({
    kind: z.literal('http'),
    /** The text of a step is sent there: over https, or to this machine. */
    url: z.url().refine(isSafe, 'must be https, or http on this machine'),
    /** Where a value is a secret, as `${VAR}`. */
    headers: z.record(z.string().min(1).max(100), z.string().max(2000)).optional(),
    ...outsideOptions,
  }),
  create(name, { url, headers = {}, ...options }, { classify }) {
    return outsideSignal(name, options, async (text, { signal }) => {
      if (classify === undefined) throw new Error('no classifier can be asked here')
      return classify({ url, headers, text, signal })
    })
  },
})

function isSafe(url: string): boolean {
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
}

import { isRedactedFor, type PrivacyGuard } from '../../policies/index.ts'
import type { createClassify } from '../classify.ts'
import { isLoopback } from '../config/addresses.ts'
import { privacyOf } from './privacy.ts'

type Classify = ReturnType<typeof createClassify>

/** Classifiers behind URLs get placeholders where the policy keeps something from models that are where they are. */
export function privateClassify(classify: Classify, guard: () => PrivacyGuard | undefined): Classify {
  return async (request) => {
    const now = guard()
    if (now === undefined || !isRedactedFor(now, { local: isLoopback(new URL(request.url).hostname) })) return classify(request)
    return classify({ ...request, text: (await privacyOf(now).cover([request.text])).texts[0] ?? '' })
  }
}

/** What a message asks, and the text that it brings along to be asked about. */
export interface SplitPrompt {
  readonly question: string
  readonly given: string
}

/** A message of a few lines is a question and nothing else. */
const longestQuestion = 400

/**
 * Parts a question from the text it is about.
 *
 * People write the question first or last, and paste the text beside it: so of a long message the first or the last
 * paragraph is the question, the one that asks or demands, and the shorter one where neither does.
 */
export function splitPrompt(text: string): SplitPrompt {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.trim())
  const filled = paragraphs.filter((paragraph) => paragraph !== '')
  const [first, last] = [filled[0], filled.at(-1)]
  if (first === undefined || last === undefined || filled.length === 1) return splitParagraph(text.trim())
  if (text.length <= longestQuestion && !asks(first) && !asks(last)) return { question: text.trim(), given: '' }
  const question = asks(last) && last.length <= longestQuestion ? last : asks(first) || first.length < last.length ? first : last
  const rest = question === first ? filled.slice(1) : filled.slice(0, -1)
  return { question, given: rest.join('\n\n') }
}

/** `Question? Text …` or `Text … Question?` in one paragraph. */
function splitParagraph(paragraph: string): SplitPrompt {
  if (paragraph.length <= longestQuestion) return { question: paragraph, given: '' }
  const front = /^[^?？]{1,400}[?？]\s+/.exec(paragraph)?.[0]
  if (front !== undefined && !/[.!]\s/.test(front)) return { question: front.trim(), given: paragraph.slice(front.length) }
  const colon = /^[^:\n]{1,200}:\s+/.exec(paragraph)?.[0]
  if (colon !== undefined) return { question: colon.trim(), given: paragraph.slice(colon.length) }
  const back = /(?<=[.!。]\s+)[^.!?？]{1,400}[?？]\s*$/.exec(paragraph)
  if (back !== null) return { question: back[0].trim(), given: paragraph.slice(0, back.index) }
  return { question: paragraph, given: '' }
}

function asks(paragraph: string): boolean {
  return (
    /[?？:：]["”’)]?$/.test(paragraph) ||
    /^(?:please\s+)?(?:who|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|should|list|find|name|give|tell|show|explain|summari[sz]e|compare|describe|extract|answer)\b/i.test(
      paragraph,
    )
  )
}

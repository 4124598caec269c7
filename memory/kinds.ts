/** How the parts of memory name what they keep in the store, so that retention and removal find it. */
export const threadRow = 'thread'
export const threadNameRow = 'thread-name'
export const decisionRow = 'decision'
/** What a thread was about, under its id. */
export const summaryRow = 'summary'
/** What is known of a conversation between two steps, under its thread's id. */
export const conversationRow = 'conversation'
/** What was seen of a session by signals that look for attacks, under the same id. */
export const sessionRiskRow = 'session-risk'
/** What a session has taken of its budget, under the same id. */
export const sessionSpendRow = 'session-spend'
/** What was seen over all sessions of a caller. */
export const callerRiskRow = 'caller-risk'
/** A declared boundary, under its own id. */
export const commitmentRow = 'commitment'
/** Who minted a piece of reasoning or a tool call that went to a client over HTTP. */
export const reasoningRow = 'reasoning'
/** Where the history of a conversation over HTTP ended, under the hash of all of it. */
export const historyEndRow = 'history-end'
/** What was stored of an answer, for a client that goes on from it. */
export const storedResponseRow = 'stored-response'
/** An answer that may be given again, under a hash of its request. */
export const answerRow = 'answer'
/** What is known of a screenshot, under its frame's id; its picture is a blob of the same kind and id. */
export const frameRow = 'frame'
/** Ids of the screenshots of a thread, under the thread's id. */
export const threadFramesRow = 'thread-frames'
/** What was done on a screen, under the id of the thread that it belongs to. */
export const computerSessionRow = 'computer-session'
/** Which steps on which screens went well. */
export const pastStepsRow = 'computer-past-steps'

/** Whose memory everybody reads, and only the owner of the instance writes. No caller is named so: their names hold no spaces. */
export const everyone = 'everyone of this instance'

export const turnDocument = 'turn'
export const toolResultDocument = 'tool-result'
export const factDocument = 'fact'
/** What makes the summary of a thread findable. */
export const summaryDocument = 'summary'

export function summaryDocumentId(thread: string): string {
  return `${thread}.summary`
}

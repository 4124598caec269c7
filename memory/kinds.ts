/** How the parts of memory name what they keep in the store, so that retention and removal find it. */
export const threadRow = 'thread'
export const threadNameRow = 'thread-name'
export const decisionRow = 'decision'

export const turnDocument = 'turn'
export const toolResultDocument = 'tool-result'
export const factDocument = 'fact'

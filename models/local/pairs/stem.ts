const endings: readonly (readonly [string, string])[] = [
  ['izations', 'ize'],
  ['ization', 'ize'],
  ['ations', 'ate'],
  ['ation', 'ate'],
  ['ies', 'y'],
  ['ied', 'y'],
  ['ying', 'y'],
  ['ings', ''],
  ['ing', ''],
  ['sses', 'ss'],
  ['ches', 'ch'],
  ['shes', 'sh'],
  ['xes', 'x'],
  ['ed', ''],
  ['ly', ''],
  ['s', ''],
]

/** Without the endings of English that a paraphrase changes. */
export function stemOf(word: string): string {
  if (word.length < 4 || /[^a-z]/.test(word)) return word
  for (const [ending, instead] of endings) {
    if (!word.endsWith(ending) || word.length - ending.length < 3) continue
    if (ending === 's' && /(?:ss|us|is)$/.test(word)) continue
    return withoutTail(word.slice(0, word.length - ending.length) + instead)
  }
  return withoutTail(word)
}

function withoutTail(stem: string): string {
  const single = /([bdgklmnprtvz])\1$/.test(stem) && stem.length > 4 ? stem.slice(0, -1) : stem
  return single.length > 3 && single.endsWith('e') ? single.slice(0, -1) : single
}

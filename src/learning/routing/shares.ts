/** One alone may say so much, however little the others have said. */
const leastOfOne = 20

/** Of a list, oldest first, each principal's newest ones up to as many as all others have together: nobody decides for everybody. */
export function withinShares<Item extends { readonly principal: string }>(items: readonly Item[]): Item[] {
  const counts = new Map<string, number>()
  for (const { principal } of items) counts.set(principal, (counts.get(principal) ?? 0) + 1)
  if (counts.size < 2) return [...items]
  const left = new Map([...counts].map(([principal, own]) => [principal, Math.max(leastOfOne, items.length - own)]))
  return items
    .toReversed()
    .filter(({ principal }) => {
      const more = left.get(principal) ?? 0
      left.set(principal, more - 1)
      return more > 0
    })
    .toReversed()
}

/** Whether one more lesson of a principal stays within its share. */
export function mayTeach(principal: string, lessons: Readonly<Record<string, number>>): boolean {
  const own = lessons[principal] ?? 0
  const others = Object.values(lessons).reduce((sum, one) => sum + one, 0) - own
  return others === 0 || own < Math.max(leastOfOne, others)
}

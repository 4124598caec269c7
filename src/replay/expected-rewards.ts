/** What a model earned on other steps, drawn towards what all earned where little is known of it: `(sum + 4 × mean) / (count + 4)`. */
export function expectedRewards(
  judged: readonly { readonly decision: { readonly id: string }; readonly model: string; readonly reward: number }[],
): (model: string, without: string) => number {
  const strength = 4
  const own = new Map(judged.map(({ decision, model, reward }) => [decision.id, { model, reward }]))
  const sums = new Map<string, { sum: number; count: number }>()
  let sum = 0
  for (const { model, reward } of judged) {
    const known = sums.get(model) ?? { sum: 0, count: 0 }
    sums.set(model, { sum: known.sum + reward, count: known.count + 1 })
    sum += reward
  }
  return (model, without) => {
    const left = own.get(without)
    const others = judged.length - (left === undefined ? 0 : 1)
    const mean = others === 0 ? 0.5 : (sum - (left?.reward ?? 0)) / others
    const known = sums.get(model) ?? { sum: 0, count: 0 }
    const isOwn = left?.model === model
    const [total, count] = isOwn ? [known.sum - left.reward, known.count - 1] : [known.sum, known.count]
    return (total + strength * mean) / (count + strength)
  }
}

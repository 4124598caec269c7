/** The known name that was probably meant, if one is near: at most a third of the letters differ. */
export function nearestName(received: string, known: Iterable<string>): string | undefined {
  const wanted = plain(received)
  let best: { name: string; distance: number } | undefined
  for (const name of known) {
    const distance = editDistance(wanted, plain(name))
    const near = distance <= Math.max(1, Math.floor(Math.max(wanted.length, name.length) / 3))
    if (near && (best === undefined || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}

/** `baseUrl`, `base-url` and `BASE_URL` are all one word. */
function plain(name: string): string {
  return name
    .slice(0, 64)
    .replace(/[\s_-]/g, '')
    .toLowerCase()
}

/** Letters added, left out, changed or swapped with their neighbour. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const changed = left[row - 1] === right[column - 1] ? 0 : 1
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + changed)
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[right.length] ?? 0
}

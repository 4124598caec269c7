/** Whether a name fits one of the patterns, whole. */
export function matchesAny(name: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matches(name, glob))
}

/** `*` stands for any characters, `?` for one. A star that did not fit is stretched, so no glob takes longer than both lengths multiplied. */
function matches(name: string, glob: string): boolean {
  let [at, place] = [0, 0]
  let star: { at: number; place: number } | undefined
  while (at < name.length) {
    if (glob[place] === '*') {
      star = { at, place }
      place += 1
    } else if (glob[place] === '?' || glob[place] === name[at]) {
      at += 1
      place += 1
    } else if (star !== undefined) {
      star.at += 1
      at = star.at
      place = star.place + 1
    } else return false
  }
  return /^\**$/.test(glob.slice(place))
}

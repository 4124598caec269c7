/**
 * Whether a Node version lies in a range of the one form that `engines` uses here: `>=22.12`.
 *
 * Runs before anything else, on versions of Node that are too old for the rest, and so needs no package.
 *
 * @param {string} version as in `process.versions.node`
 * @param {string} range
 */
export function isNodeVersionIn(version, range) {
  const least = /^>=(\d+)\.(\d+)$/.exec(range)
  const given = /^(\d+)\.(\d+)/.exec(version)
  if (!least || !given) throw new RangeError(`Cannot compare Node ${version} with "${range}": the range must look like >=22.12`)
  const [major, minor] = [Number(given[1]), Number(given[2])]
  const [leastMajor, leastMinor] = [Number(least[1]), Number(least[2])]
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

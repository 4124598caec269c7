import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isNodeVersionIn } from '../bin/node-version.js'
import { root, TaskError } from './process.js'

/**
 * The Node to go on with: the running one when it is new enough, else the one that the development dependency `node` brought.
 *
 * @param {string} range as in `engines`
 */
export function chooseNode(range) {
  const pinned = pinnedNode(process.platform)
  return nodeFor({ version: process.versions.node, path: process.execPath }, range, existsSync(pinned) ? pinned : undefined)
}

/** @param {NodeJS.Platform} platform */
function pinnedNode(platform) {
  return join(root, 'node_modules', 'node', 'bin', platform === 'win32' ? 'node.exe' : 'node')
}

/**
 * @param {{ version: string, path: string }} running
 * @param {string} range
 * @param {string | undefined} pinned
 */
export function nodeFor(running, range, pinned) {
  if (isNodeVersionIn(running.version, range)) return running.path
  if (pinned) return pinned
  throw new TaskError(
    `Cannot go on with Node ${running.version}: it must be ${range}, and the pinned one was not installed. ` +
      'Where npm is set to run no install scripts, "npm rebuild node --ignore-scripts=false" allows that one; a newer Node does as well',
  )
}

// Plain JavaScript: the servers that offer these tools start as they would for a user, without a type stripper.

const verbs = [
  ['list', 'Lists', 'show me every'],
  ['get', 'Reads', 'look up one'],
  ['search', 'Searches', 'find the right'],
  ['create', 'Creates', 'make a new'],
  ['update', 'Changes', 'correct the'],
  ['delete', 'Removes', 'get rid of the'],
  ['archive', 'Archives', 'put away the old'],
  ['export', 'Exports', 'write to a file each'],
  ['import', 'Imports', 'take over from a file each'],
  ['share', 'Shares', 'let a colleague see the'],
  ['comment_on', 'Comments on', 'say something about the'],
  ['assign', 'Assigns', 'hand to somebody the'],
  ['approve', 'Approves', 'agree to the'],
  ['reject', 'Rejects', 'turn down the'],
  ['merge', 'Merges', 'join with another the'],
  ['copy', 'Copies', 'have a second'],
  ['move', 'Moves', 'put elsewhere the'],
  ['watch', 'Watches', 'be told of changes of the'],
  ['count', 'Counts', 'know how many there are of the'],
  ['compare', 'Compares', 'see what differs between the'],
]

const objects = [
  'invoice',
  'pull request',
  'calendar event',
  'customer record',
  'database table',
  'mail thread',
  'map location',
  'weather station',
  'flight booking',
  'support ticket',
  'spreadsheet row',
  'photo album',
  'build job',
  'container image',
  'access key',
  'error report',
  'survey answer',
  'product page',
  'delivery route',
  'song list',
  'contract draft',
  'meeting note',
  'sensor reading',
  'news article',
  'bank transfer',
]

const details = [
  'Results come newest first, in pages of fifty, with a cursor for the next page.',
  'Needs the identifier that the search returned, and answers with all fields.',
  'Fields that are not given stay as they are; times are ISO 8601 in UTC.',
  'Works on what the signed-in person may see, and says what was left out.',
  'With a filter by owner, state and date, and an optional order.',
  'Large answers are cut after a megabyte, with a link to the rest.',
  'Nothing is sent to others before the change has been confirmed.',
]

/**
 * Tools with names and descriptions as public servers have them: most are short, a few are long.
 *
 * @param {number} count at most 500
 */
export function manyTools(count) {
  return Array.from({ length: count }, (_, index) => {
    const [verb = '', does = ''] = verbs[index % verbs.length] ?? []
    const object = objects[Math.floor(index / verbs.length)] ?? ''
    const more = details.slice(0, [0, 0, 1, 2, 1, 0, 5][index % 7])
    return {
      name: `${verb}_${object.replace(' ', '_')}`,
      description: [`${does} the ${object} of a workspace.`, ...more].join(' '),
      inputSchema: {
        type: 'object',
        properties: {
          id: { type: 'string', description: `Which ${object}` },
          fields: { type: 'array', items: { type: 'string' }, description: 'What to return' },
          limit: { type: 'integer', minimum: 1, maximum: 100 },
        },
      },
      annotations: { readOnlyHint: true },
    }
  })
}

const reasons = [
  'before the review',
  'for the report on Friday',
  'since a customer asked',
  'that we talked about',
  'of the last quarter',
  'in Berlin',
  'from last week',
  'of our partners',
]

/**
 * What an agent may need, in other words than the tools have. Each number below 4,000 gives another sentence.
 *
 * @param {number} number
 */
export function needOf(number) {
  const [, , wants = ''] = verbs[number % verbs.length] ?? []
  const object = objects[Math.floor(number / verbs.length) % objects.length] ?? ''
  const reason = reasons[Math.floor(number / (verbs.length * objects.length)) % reasons.length] ?? ''
  return `I have to ${wants} ${object} ${reason}`
}

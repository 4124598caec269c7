import { expect, test } from 'vitest'
import { families, findHidden, findInjection, findSecrets, normalise } from '../../../models/local/detect/index.ts'
import { longestText } from '../../../models/local/detect/normalise.ts'

/*
 * The longest text that is read, made to have a careless search try everything from everywhere. Effort in proportion to the length
 * is a matter of milliseconds; with its square, the limit of a test is passed many times over.
 */
const openings = families.map(({ sample }) => sample.split(' ').slice(0, 3).join(' '))
const hostile = [
  ...new Set(openings.map((text) => `${text} `)),
  'a',
  ' ',
  '\n',
  '1',
  '0',
  '-',
  '.',
  '/',
  '@',
  ':',
  '&',
  '<',
  '!',
  'A',
  'AB12',
  'a@',
  '1.',
  'a:',
  '4111 ',
  'DE12 ',
  '&#',
  '&amp;',
  '<!--',
  '![](http://',
  '![x](http://a?',
  '<a ',
  'display:',
  'opacity:0',
  'eyJ',
  'eyJa.',
  'api_key= ',
  'password:',
  'http://a:',
  'sk-',
  'xoxb-',
  '-----BEGIN PRIVATE KEY-----',
  '\u001b[',
  '\u200b',
  'a\u200b',
  '\u{e0041}',
  '\ufe0f',
  'оa',
  'αβ',
  '忽略',
  '之前',
  'игнорируй ',
  'send the all ',
  'ignore all the ',
  'pass contents ',
]

test.each(hostile)('no detector is slowed down by the longest text of %j', (part) => {
  const text = part.repeat(Math.ceil(longestText / part.length)).slice(0, longestText)

  for (const detect of [normalise, findHidden, findInjection, findSecrets]) expect(() => detect(text)).not.toThrow()
})

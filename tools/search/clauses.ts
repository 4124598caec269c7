import { wordsOf } from './words.ts'

// A longer list of wishes is rare, and each clause costs an embedding.
const mostClauses = 6
const leastWords = 3

/**
 * The parts of a need that may each ask for a tool of its own: its sentences, cut again where a new request is joined on.
 *
 * Empty when there is but one. A part of hardly a word says nothing by itself and stays out.
 */
export function clausesOf(need: string): string[] {
  const clauses = need
    .split(boundary)
    .map((clause) => clause.trim())
    .filter((clause) => wordsOf(clause).length >= leastWords)
  return clauses.length < 2 ? [] : clauses.slice(0, mostClauses)
}

/** The end of a sentence, a line or an item, and words that join a request to another. */
const boundary =
  /(?<=[.!?。！？])\s+|[\n;；]+|,\s+(?=(?:and|then|also|plus|as well as|along with)\b)|\s+(?=(?:and (?:also|then)|as well as|along with|and finally)\b)|\s+and\s+(?=(?:[a-z]+ (?:me|it|them|us|the|a|an|my|all|any|some|this|that|these|those|for)\b))/giu

import { RE2JS, RE2JSException } from 're2js'
import { z } from 'zod'

/** A regular expression that takes time in proportion to the text, whatever it is: RE2, without look-around and back references. */
export const linearRegex = z
  .string()
  .min(1)
  .max(1000)
  .superRefine((pattern, issues) => {
    try {
      RE2JS.compile(pattern)
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error
      issues.addIssue({ code: 'custom', message: `cannot be used as a regular expression (${error.message})` })
    }
  })

/** In any case, `^` and `$` at each line. */
export function compileRegex(pattern: string): RE2JS {
  return RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE | RE2JS.MULTILINE)
}

/** As it is written: letters count by their case unless it says `(?i)`. */
export function compileLinear(pattern: string): RE2JS {
  return RE2JS.compile(pattern, RE2JS.MULTILINE)
}

/**
 * Where programs that a test starts keep what Node has compiled of them: most of a start is taking the types out of hundreds of files,
 * which have not changed since the last one. Goes into the environment of a program that does not inherit ours.
 */
export const compiled: Readonly<Record<string, string>> = {
  ...(process.env['NODE_COMPILE_CACHE'] !== undefined && { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }),
}

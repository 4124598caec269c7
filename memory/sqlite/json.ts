/** @throws {TypeError} If JSON has no form for the value: storing nothing would be silent. */
export function toJson(value: unknown, operation: string): string {
  const json = JSON.stringify(value)
  if (json === undefined) throw new TypeError(`Cannot ${operation}: the value has no JSON form, received ${typeof value}`)
  return json
}

/** What a text takes on disk, near enough for limits in gigabytes. */
export function sizeOf(text: string): number {
  return Buffer.byteLength(text)
}

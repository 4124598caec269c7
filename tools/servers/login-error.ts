/** The server wants a login that is not there or no longer holds; the message names the command. */
export class LoginError extends Error {
  override readonly name = 'LoginError'
}

export function loginCommand(server: string): string {
  return `signalbox tools login ${server}`
}

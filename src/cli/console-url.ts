/** Behind the `#`: it is sent nowhere, and stands in no log of a server. The page exchanges it for a cookie and takes it away. */
export function consoleUrl(url: string, secret: string): string {
  return `${url}/#login=${secret}`
}

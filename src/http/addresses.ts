import { isIP } from 'node:net'
import type { Config } from '../config/config.ts'
import { ConfigError, type ConfigIssue } from '../config/config-error.ts'

/** By which names this machine's loopback is called in a Host header. */
const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Host names, without port, that a request may be addressed to and come from. */
export function allowedHostnames({ allowedHosts }: Config['http']): string[] {
  return [...new Set([...loopbackNames, ...allowedHosts.map(hostnameOf)])]
}

function hostnameOf(host: string): string {
  const address = isIP(host) === 6 ? `[${host}]` : host
  return URL.canParse(`http://${address}`) ? new URL(`http://${address}`).hostname : host.toLowerCase()
}

/** @throws {ConfigError} When others could reach the address and nothing is said about who may. */
export function checkBind(host: string, { token, tokens, oauth, allowedHosts }: Config['http']): void {
  if (isLoopback(host)) return
  const issues: ConfigIssue[] = []
  const because = `when the address ${host} can be reached from other machines`
  if ((token === undefined || token === '') && tokens.length === 0 && oauth === undefined)
    issues.push({ path: 'http.token', message: `must be set ${because}, received nothing` })
  if (allowedHosts.length === 0)
    issues.push({ path: 'http.allowed_hosts', message: `must name the hosts by which clients call it ${because}, received none` })
  if (issues.length > 0) throw new ConfigError('this HTTP address', issues)
}

export function urlOf(host: string, port: number): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

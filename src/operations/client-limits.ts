import type { ClientLimits } from '../config/config.ts'
import type { Services } from './services.ts'

/** What a client of this name bears. The name is what the client says of itself: a hint, in any case and of any letters. */
export function limitsOf({ config }: Pick<Services, 'config'>, client: string | undefined): ClientLimits {
  const { clients } = config()
  const name = client?.toLowerCase() ?? ''
  const limits = Object.hasOwn(clients, name) ? clients[name] : clients['default']
  if (limits === undefined) throw new TypeError('The configuration has no default client')
  return limits
}

import { UriTemplate } from '@modelcontextprotocol/client'

/** Whether the URI can have come from the template. A template that cannot be read fits nothing. */
export function fitsTemplate(uri: string, template: string): boolean {
  try {
    return new UriTemplate(template).match(uri) !== null
  } catch {
    return false
  }
}

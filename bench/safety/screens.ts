import { injections } from '../computer/frozen.ts'

/** Texts on screens of the open half: orders for the agent, and harmless ones, in English and as they were written. */
export function linesOfScreens(): { orders: string[]; harmless: string[] } {
  const plain = injections('open').filter(({ language, variant }) => language === 'en' && variant === 'plain')
  const texts = (kind: 'injection' | 'benign') =>
    plain.filter((row) => row.kind === kind && row.group !== 'security-article').map(({ text }) => text)
  return { orders: texts('injection'), harmless: texts('benign') }
}

import type { ConsentClass } from './consent-classes.ts'
import type { WordHit } from './consent-words.ts'

/** What a page is about by its path. It counts for buttons that only say yes; seeing such a page does nothing. */
const pages: readonly (readonly [ConsentClass, RegExp])[] = [
  [
    'purchase',
    /\/(?:checkout|payments?|pay|billing|orders?\/(?:review|confirm|new)|place-?order|purchase|buy|transfer|withdraw|deposit|donate|book(?:ing)?|reserv[a-z]*|kasse|bezahl[a-z]*|zahlung|pago|pagar|paiement|panier\/validation)(?:[/?#_-]|$)/,
  ],
  [
    'delete',
    /\/(?:[a-z-]*delete[a-z-]*|remove|destroy|purge|trash\/empty|deactivate|close-account|loeschen|eliminar|supprimer)(?:[/?#_-]|$)/,
  ],
  [
    'permission',
    /\/(?:oauth2?|authorize|authorise|consent(?:screen)?|permissions?|shar(?:e|ing)|grant|api-?keys?|tokens?|roles?|members|collaborators|iam|access|apps\/connect)(?:[/?#_-]|$)/,
  ],
  ['credential', /\/(?:[a-z-]*password[a-z-]*|reset-pw|passkeys?|2fa|mfa|security-questions?|credentials?)(?:[/?#_-]|$)/],
  [
    'account',
    /\/(?:sign-?up|register|registration|join|create-?account|onboarding\/account|account\/(?:new|create)|registr[a-z]*|inscription)(?:[/?#_-]|$)/,
  ],
  ['login', /\/(?:log-?in|sign-?in|sso|session\/new|auth(?:enticate)?|anmelden|connexion|acceder)(?:[/?#_-]|$)/],
  ['terms', /\/(?:terms|tos|eula|legal\/accept|agreements?|cookie-?consent|agb|sign(?:ature|ing)?\/|contracts?)(?:[/?#_-]|$)/],
  ['install', /\/(?:install(?:er|ation)?|extensions?|plugins?|addons?|add-ons|updates?|deploy(?:ments?)?|webstore)(?:[/?#_-]|$)/],
  [
    'send',
    /\/(?:compose|messages?|chat|posts?\/new|tweet|contact(?:-us)?|apply|applications?\/new|feedback|submit|share|reply|mail|inbox|publish|review\/new|support\/new|tickets?\/new|survey|form|petition)(?:[/?#_-]|$)/,
  ],
  [
    'system',
    /\/(?:firewall|vpn|network|security|system|factory-?reset|reboot|dns|proxy|router|admin\/(?:settings|security)|port-?forward[a-z]*|wifi|wlan)(?:[/?#_-]|$)/,
  ],
  [
    'medical',
    /\/(?:patients?|appointments?|prescriptions?|health|medical|clinic|pharmacy|medications?|refills?|telehealth|arzt|termine?|citas?|salud|rezepte?|recetas?)(?:[/?#_-]|$)/,
  ],
  [
    'subscribe',
    /\/(?:subscri(?:be|ption|ptions)|plans?|pricing|upgrade|membership|premium|trial|newsletter|unsubscribe|abo|suscri[a-z]*|abonnement)(?:[/?#_-]|$)/,
  ],
  ['upload', /\/(?:upload|import|attachments?)(?:[/?#_-]|$)/],
  ['age', /\/(?:age-?(?:gate|check|verification|verify)|adult|over18)(?:[/?#_-]|$)/],
  ['captcha', /captcha|challenge-platform|turnstile/],
]

/** Where "Continue" is the last step, because nothing else follows. */
const finalOnContinue: readonly ConsentClass[] = ['permission', 'login', 'account', 'captcha', 'terms', 'age', 'credential']

export function classesOfAddress(url: string | undefined, label: 'commit' | 'continue'): readonly WordHit[] {
  if (url === undefined) return []
  const path = pathOf(url)
  return pages.flatMap(([name, pattern]) => {
    const match = pattern.exec(path)
    return match === null || (label === 'continue' && !finalOnContinue.includes(name)) ? [] : [{ class: name, words: match[0] }]
  })
}

/** What going to an address does by itself: only a path that ends in a verb, and says to what. */
const visits: readonly (readonly [ConsentClass, RegExp])[] = [
  [
    'delete',
    /^(?:delete|remove|destroy|purge|erase|deactivate|close-account|delete-[a-z-]+|trash|empty-trash|loeschen|eliminar|supprimer)$/,
  ],
  ['subscribe', /^(?:unsubscribe|subscribe|cancel-subscription|opt-?out|opt-?in)$/],
  [
    'purchase',
    /^(?:pay|purchase|buy|buy-now|place-?order|transfer|withdraw|donate|confirm-?(?:order|payment)|checkout-confirm|one-click|oneclick|refund)$/,
  ],
  ['send', /^(?:send|publish|post|submit|share|tweet|reply|vote|like|follow)$/],
  [
    'permission',
    /^(?:approve|grant|revoke|allow|invite|accept-invite|make-?public|create-?token|rotate-?key|authorize|authorise|regenerate)$/,
  ],
  ['install', /^(?:install|uninstall|run|execute|deploy|upgrade)$/],
  ['system', /^(?:reboot|restart|shutdown|reset|factory-?reset|disable|enable|format)$/],
  ['terms', /^(?:accept|agree|consent|sign)$/],
  ['credential', /^(?:reset-password|change-password|set-password|confirm-reset)$/],
  ['account', /^(?:create-account|activate)$/],
]

export function classesOfVisit(url: string): readonly WordHit[] {
  const path = pathOf(url)
  const [steps = '', query = ''] = path.split('?', 2)
  const segments = steps.split('/').filter((segment) => segment !== '')
  const last = segments.at(-1) ?? ''
  const action = /(?:^|[&;])(?:action|do|op|cmd|method|_method)=([a-z-]+)/.exec(query)?.[1] ?? ''
  const confirmed = /(?:^|[&;])(?:confirm(?:ed)?|force|yes|sure)=(?:1|true|yes|y)/.test(query)
  const isLocal = /(?:^|\/)(?:docs?|help|support|blog|wiki|articles?|guide|learn|faq|search|reference|tutorials?)(?:\/|$)/.test(steps)
  if (isLocal) return []
  return visits.flatMap(([name, pattern]) => {
    const verb = segments.find((segment) => pattern.test(segment))
    const said = pattern.test(action) ? action : verb
    // A bare page of that name is a form; one with an object or a parameter acts.
    const acts = said === action || confirmed || (verb === last ? query !== '' || segments.length > 2 : true)
    return said !== undefined && said !== '' && acts ? [{ class: name, words: said }] : []
  })
}

function pathOf(url: string): string {
  try {
    const { pathname, search } = new URL(url)
    return `${pathname}${search}`.toLowerCase()
  } catch {
    return url.toLowerCase()
  }
}

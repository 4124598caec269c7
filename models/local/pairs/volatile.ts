/*
 * What a question asks for that changes by itself: what is now, and what is measured, traded, played or announced each day. In
 * English, German, French, Spanish, Italian and Portuguese.
 */
const patterns: readonly RegExp[] = [
  /\b(?:today|todays|tonight|now|nowadays|currently|current|latest|newest|recent|recently|at the moment|right now|up to date|yesterday|tomorrow|so far|live|breaking)\b/,
  /\b(?:this|last|next) (?:week|month|year|weekend|morning|evening|night|season|quarter|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/,
  /\b(?:weather|forecast|temperature (?:in|outside)|rain(?:ing)?|snow(?:ing)?|news|headlines?|scores?|standings|traffic|stock (?:price|market)s?|share prices?|exchange rates?|interest rates?|bitcoin|crypto(?:currency|currencies)?|price of|prices? (?:for|in)|how much (?:is|are|does|do)|on sale|in stock|available|availability|opening hours|open (?:on|today|now)|queue|waiting times?)\b/,
  /\b(?:what (?:time|day|date|year)(?: is it| is today)?|who is (?:the )?(?:\w+ ){0,3}(?:president|prime minister|chancellor|king|queen|pope|ceo|chair(?:man|woman)?|mayor|governor|champion|richest|coach)|how old is|net worth|age of)\b/,
  /\b(?:heute|jetzt|aktuell\w*|derzeit|gerade|gestern|morgen|wetter|nachrichten|börse\w*|kurs|preis\w*|neueste\w*|letzte\w*|diese[rsn]? (?:woche|monat|jahr))\b/,
  /\b(?:aujourd.?hui|maintenant|actuel\w*|demain|hier|météo|nouvelles|prix|dernière?s?|hoy|ahora|actual\w*|mañana|ayer|tiempo hace|noticias|precios?|últim[oa]s?|oggi|adesso|attual\w*|domani|ieri|meteo|notizie|prezz[oi]|hoje|agora|atual\w*|amanhã|ontem|notícias|preços?)\b/,
]

const longestRead = 2000

/** Whether what is asked for changes by itself, so that an answer to it does not last. */
export function isVolatile(text: string): boolean {
  // Of a long text its beginning or its end is the question.
  const asked = text.length <= 2 * longestRead ? text : `${text.slice(0, longestRead)} ${text.slice(-longestRead)}`
  const plain = asked.normalize('NFKC').toLowerCase()
  return patterns.some((pattern) => pattern.test(plain))
}

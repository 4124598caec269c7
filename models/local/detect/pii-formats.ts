import { isCryptoAddress } from './crypto-address.ts'
import type { PiiType } from './pii-types.ts'

/** A form that numbers and names of a person have, and the words around it that say so. */
export interface PiiFormat {
  readonly type: PiiType
  readonly pattern: RegExp
  /** What must stand shortly before it. */
  readonly before?: RegExp | undefined
  /** What may stand right after it instead. */
  readonly after?: RegExp | undefined
  /** Where this stands shortly before it, it is something else. */
  readonly not?: RegExp | undefined
  readonly accepts?: ((value: string) => boolean) | undefined
  /** How sure the form is where it is met, from 0 to 1. */
  readonly score: number
}

const digits = (value: string) => value.replaceAll(/\D/g, '').length
const number = '(?:\\s{0,2}(?:number|no\\.?|nr\\.?|num\\.?|id|code|#|№|nummer|numéro|número|numero))?'
const tie = '[\'’"”]?\\s{0,3}(?:(?:is|was|ist|es|est|lautet|:|=|#|：|-)\\s{0,3}){0,2}["\'“]?$'
const label = (words: string) => new RegExp(`(?:${words})${number}${tie}`, 'i')

const months =
  'jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[eé]vrier|m(?:arch|ar|ärz|ars|arzo|aart)|apr(?:il|ile)?|abril|avril|ma[iy]o?|june?|juni|juin|junio|july?|juli|juillet|julio|aug(?:ust)?|août|agosto|sep(?:t|tember|tembre|tiembre)?|oct(?:ober|obre|ubre)?|okt(?:ober)?|nov(?:ember|embre|iembre)?|dec(?:ember)?|dez(?:ember)?|d[eé]cembre|diciembre|enero|febrero|gennaio|febbraio|maggio|giugno|luglio|settembre|ottobre|dicembre'
const date = new RegExp(
  `(?<![\\w/.-])(?:\\d{1,2}([./-])\\d{1,2}\\1(?:\\d{4}|\\d{2})|\\d{4}([./-])\\d{1,2}\\2\\d{1,2}|\\d{1,2}(?:st|nd|rd|th|\\.)?(?: of| de)? (?:${months})\\.?,?(?: de)? \\d{4}|(?:${months})\\.? \\d{1,2}(?:st|nd|rd|th)?,? \\d{4}|\\d{4}年\\d{1,2}月\\d{1,2}日)(?![\\w/-])`,
  'gi',
)

/** Numbers that are counted, ordered or paid, and not called. */
const otherNumber =
  /\b(?:card|account|acct|iban|order|invoice|ticket|tracking|ssn|social|passport|licen[cs]e|policy|case|serial|model|version|isbn|issue|pr|commit|port|build|id|ref(?:erence)?|zip|postcode|amount|total|price|routing|sort)\b[^.!?\n]{0,24}$/i
const callWords =
  /(?:\b(?:phone|telephone|tel|mobile|cell|cellphone|fax|call(?:ed|s|ing)?|ring|dial(?:led)?|text(?:ed)?|sms|whatsapp|signal|reach(?:ed|able)?|answer(?:ing)?|contact|hotline|voicemail|landline|pager|telefon|telefonnummer|handy|handynummer|mobil|mobilnummer|rufnummer|durchwahl|anrufen|telefono|tel[eé]fono|m[oó]vil|celular|cellulare|telefone|telemóvel|t[eé]l[eé]phone|portable|joindre|telefoon|bel|puhelin|komórka)\b|电话|手机|電話|携帯|전화|телефон|тел\.)[^!?\n]{0,32}$/iu
const callAfter = /^[\s,\\)(-]{0,3}(?:\(?(?:office|fax|mobile|mob|cell|home|work|tel|phone|direct|handy)\b)/i
const isPhone = (value: string) => {
  const count = digits(value.replace(/(?:x|ext\.?)\s?\d+$/i, ''))
  return (
    count >= 6 &&
    count <= 15 &&
    !/^(?:19|20)\d\d([ ./-])\d{1,2}\1\d{1,2}$/.test(value) &&
    !/^\d{1,2}([./-])\d{1,2}\1(?:19|20)?\d\d$/.test(value)
  )
}
const extension = '(?:\\s?(?:x|ext\\.?)\\s?\\d{1,6})?'

export const piiFormats: readonly PiiFormat[] = [
  {
    type: 'url_login',
    pattern: /(?<=[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s:/@"'<>]{1,64}:[^\s/@"'<>]{1,128}(?=@[A-Za-z0-9[])/g,
    accepts: (value) => !/[$<{[%*]|^(?:user(?:name)?|login|name):(?:pass(?:word)?|pwd|secret)$/i.test(value),
    score: 0.98,
  },
  {
    type: 'email',
    pattern: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}_%+-][\p{L}\p{N}._%+'-]{0,63}@(?:[\p{L}\p{N}-]{1,63}\.){1,6}\p{L}{2,24}(?![\p{L}\p{N}-])/gu,
    // A user, a password and a host.
    not: /:\/\/[^\s@/]{0,64}$/,
    score: 0.97,
  },
  {
    type: 'email',
    pattern: /(?<![\w.])[\w.+-]{2,64} ?[[({<] ?at ?[\])}>] ?[\w-]{2,63}(?: ?(?:\.|[[({<] ?dot ?[\])}>]) ?[\w-]{2,24}){1,4}(?!\w)/gi,
    score: 0.9,
  },
  {
    type: 'mac_address',
    pattern:
      /(?<![\w:-])(?:[0-9A-F]{2}([:-]))(?:[0-9A-F]{2}\1){4}[0-9A-F]{2}(?![\w:-])|(?<![\w.])[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4}(?![\w.])/gi,
    accepts: (value) => !/^(?:[0:.-]+|[f:.-]+)$/i.test(value) && /\d/.test(value),
    score: 0.95,
  },
  {
    type: 'crypto_address',
    pattern:
      /(?<![A-Za-z0-9])(?:(?:bc1|tb1|ltc1)[02-9ac-hj-np-z]{11,87}|0x[0-9a-fA-F]{40}|[13LMD][1-9A-HJ-NP-Za-km-z]{25,34})(?![A-Za-z0-9])/g,
    accepts: isCryptoAddress,
    score: 0.97,
  },
  {
    type: 'card',
    pattern: /(?<![\w.,-])[2-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,7}(?![\w-]|\.\d)/g,
    before: label(
      '(?:credit|debit|bank|visa|master|kredit|giro) ?card|\\bcard|\\bcc|\\bvisa|mastercard|kreditkarte|carte(?: bancaire| de crédit)?|tarjeta(?: de crédito)?|carta di credito',
    ),
    score: 0.8,
  },
  {
    type: 'username',
    pattern: /(?<![\w@.-])(?=[\w.-]*[\d_.])[\w][\w.-]{2,38}\w(?![\w@-])/g,
    before: label(
      "user ?name|user ?id|\\blog-?in(?: name)?|benutzer(?:name|kennung)|nom d[’']utilisateur|nombre de usuario|nome utente|account name|screen name|\\bhandle",
    ),
    score: 0.8,
  },
  {
    type: 'secret',
    pattern: /(?<![\w])(?=\S{0,63}\d)(?=\S{0,63}[A-Za-z])[^\s"'`,;<>]{6,64}(?<![.!?:)])/g,
    before:
      /\b(?:password|passwd|passcode|passphrase|pass ?wort|kennwort|mot de passe|contraseña|clave|senha|wachtwoord|hasło)\b["']?\s{0,2}(?:is|was|ist|es|est|:|=|：)\s{0,3}["'`]?$/iu,
    accepts: (value) => !/^(?:\$|<|\{|%|\*|process\.|os\.)/.test(value),
    score: 0.85,
  },
  {
    type: 'us_ssn',
    pattern: /(?<![\w-])\d{3}[- .]?\d{2}[- .]?\d{4}(?![\w-])/g,
    before: label('\\bssn|social security|\\bitin|\\btin'),
    score: 0.95,
  },
  {
    type: 'driver_license',
    pattern: /(?<![\w-])[A-Z0-9](?:[A-Z0-9]|[- ](?=[A-Z0-9])){4,20}(?![\w-])/gi,
    before: label(
      "driv(?:er|ing)(?:['’]?s)?['’]? ?licen[cs]e|\\bdln?\\b|führerschein(?:nummer)?|permis de conduire|licencia de conducir|permiso de conducir|patente(?: di guida)?|rijbewijs(?:nummer)?|prawo jazdy|carta de condução",
    ),
    accepts: (value) => digits(value) >= 4,
    score: 0.9,
  },
  {
    type: 'passport',
    pattern: /(?<![\w-])(?=[A-Z0-9]{0,8}\d)[A-Z0-9](?:[A-Z0-9]| (?=\d)){5,10}(?![\w-])/gi,
    before: label('passport|reisepass(?:nummer)?|passeport|pasaporte|passaporto|passaporte|paspoort(?:nummer)?|paszport|护照|パスポート'),
    accepts: (value) => digits(value) >= 3,
    score: 0.9,
  },
  {
    type: 'national_id',
    pattern: /(?<![\w-])(?=[A-Z0-9./ -]{0,12}\d)[A-Z0-9](?:[A-Z0-9]|[-./ ](?=[A-Z0-9])){4,18}(?![\w-])/gi,
    before: label(
      'national (?:id(?:entity)?|insurance)|identity (?:card|document)|\\bid card|citizen(?:ship)?|personal(?:ausweis|nummer)|steuer-?(?:id|nummer|identifikationsnummer)|tax(?:payer)?(?: identification)?|\\bnino|\\bdni|\\bnie|\\bnif|\\bcpf|\\bcurp|\\brfc|\\bpesel|\\bbsn|codice fiscale|aadhaar|\\bpan card|\\bmrn|medical record|patient|health insurance|medicare|medicaid|\\bnhs|versichertennummer|sozialversicherungsnummer|numéro de sécurité sociale|fødselsnummer|personnummer|henkilötunnus|身份证|マイナンバー',
    ),
    accepts: (value) => digits(value) >= 4 && /\d{2}/.test(value),
    score: 0.85,
  },
  {
    type: 'license_plate',
    pattern: /(?<![\w-])(?=[A-ZÄÖÜ0-9 -]{0,9}\d)[A-ZÄÖÜ0-9]{1,4}(?:[ -]?[A-ZÄÖÜ0-9]{1,4}){1,3}(?![\w-])/g,
    before: label(
      '(?:licen[cs]e|number|registration) plate|\\bplate|kennzeichen|nummernschild|immatriculation|matrícula|targa|kenteken|\\breg(?:istration)?',
    ),
    accepts: (value) => /[A-ZÄÖÜ]/.test(value) && value.length >= 4,
    score: 0.8,
  },
  {
    type: 'date_of_birth',
    pattern: date,
    before:
      /(?:\bborn(?: on)?|\bbirth ?da(?:te|y)|\bdate of birth|\bd\.? ?o\.? ?b\.?|\bgeboren(?: am)?|\bgeburtsdatum|\bgeburtstag|\bgeb\.|\bnée? le|date de naissance|\bnacid[oa](?: el)?|fecha de nacimiento|\bnat[oa] il|data di nascita|data de nascimento|\bnascid[oa]|\bgeboortedatum|\burodzon[ya]|data urodzenia|födelsedatum|fødselsdato|生年月日|出生日期)[^.!?\n]{0,20}$/iu,
    score: 0.9,
  },
  {
    type: 'bank_account',
    pattern: /(?<![\w-])(?:\d{2}-\d{2}-\d{2}|\d(?:[ -]?\d){5,16})(?![\w-])/g,
    before: label(
      'routing|\\baba|sort[ -]?code|(?:bank|checking|savings|current)? ?(?:account|acct)|kontonummer|\\bkonto|bankleitzahl|\\bblz|\\bbsb|numéro de compte|número de cuenta|numero di conto|rekeningnummer|\\bifsc',
    ),
    not: /\bcards?\b/i,
    score: 0.8,
  },
  {
    type: 'bank_account',
    pattern: /(?<![\w-])[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![\w-])/g,
    before: label('\\bbic|\\bswift(?:[ /-]?bic)?'),
    score: 0.85,
  },
  {
    type: 'phone',
    pattern: new RegExp(`(?<![\\w.+-])(?:\\+|00)[1-9](?:[ ()./-]{0,3}\\d){6,14}${extension}(?![\\w]|[.-]\\d)`, 'gi'),
    accepts: isPhone,
    not: otherNumber,
    score: 0.95,
  },
  {
    type: 'phone',
    pattern: new RegExp(
      `(?<![\\w.+/-])(?:(?:\\+?1|001)[ .-]?)?(?:\\([2-9]\\d{2}\\) ?|[2-9]\\d{2}[.-])[2-9]\\d{2}[ .-]\\d{4}${extension}(?![\\w]|[.-]\\d)`,
      'gi',
    ),
    not: otherNumber,
    score: 0.9,
  },
  {
    type: 'phone',
    pattern: new RegExp(`(?<![\\w.,+/-])(?:\\(\\d{2,5}\\)|\\d)(?:[ ()./-]{0,2}\\d){4,14}${extension}(?![\\w]|[.,-]\\d)`, 'gi'),
    before: callWords,
    after: callAfter,
    not: otherNumber,
    accepts: isPhone,
    score: 0.85,
  },
  {
    type: 'phone',
    pattern: /(?<![\w.,+/-])0\d{1,5}[ /-]\d{2,4}(?:[ -]?\d{2,4}){1,4}(?![\w]|[.,-]\d)/g,
    not: otherNumber,
    accepts: (value) => isPhone(value) && digits(value) >= 9 && digits(value) <= 13,
    score: 0.75,
  },
  {
    type: 'person',
    pattern:
      /(?<![\p{L}\p{N}])\p{Lu}[\p{L}'’-]{1,30}(?: (?:\p{Lu}\.? ?|(?:van|von|de|der|den|da|di|del|la|le|bin|al|el|ter|zu|du|dos) )*\p{Lu}[\p{L}'’-]{1,30}){0,3}(?![\p{L}\p{N}@])/gu,
    before:
      /(?:\b(?:my|his|her|their|the|patient|customer|client|full|first|last|maiden|legal)? ?name(?: is|'s|:| =)|\bi am called|\bmy friends call me|\bich hei(?:ß|ss)e|\bmein name ist|\bje m['’]appelle|\bmon nom est|\bme llamo|\bmi nombre es|\bmi chiamo|\bmeu nome é|\bmijn naam is)\s{1,3}$/iu,
    accepts: (value) => !/^(?:The|A|An|This|That|Not|Also|Still|Already|On|In|It|Null|None|Unknown|Required|String|Your|My)\b/.test(value),
    score: 0.9,
  },
  {
    type: 'postcode',
    pattern: /(?<![\w-])(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d[\dABEHMNPRV-Y]?|\d[A-HJKPSTUW]) \d[ABD-HJLNP-UW-Z]{2})(?![\w-])/g,
    score: 0.8,
  },
  {
    type: 'postcode',
    pattern: /(?<![\w-])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d(?![\w-])/g,
    score: 0.8,
  },
  {
    type: 'postcode',
    pattern: /(?<![\w-])(?:\d{5}(?:-\d{3,4})?|\d{2}-\d{3}|\d{4} ?[A-Z]{2}|\d{3} \d{2}|\d{4}|\d{6}|\d{3}-\d{4})(?![\w-]|[.,]\d)/g,
    before: label(
      '\\bzip(?:[ -]?code)?|post(?:al)? ?code|postcode|postleitzahl|\\bplz|code postal|c[oó]digo postal|\\bcap|\\bcep|pin ?code|kod pocztowy|postnummer|邮编|郵便番号|〒',
    ),
    score: 0.85,
  },
]

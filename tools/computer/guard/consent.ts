import type { ComputerAction } from '../../../models/computer/action.ts'
import { findSecrets } from '../../../models/local/detect/index.ts'
import { likelyConsequences, mayHaveConsequences } from '../../../models/local/text-head/consequences.ts'
import { classesOfAddress, classesOfVisit } from './consent-address.ts'
import { type ConsentClass, type ConsentTier, consentClasses, consentKinds, strictestTier } from './consent-classes.ts'
import { classesOfCommand } from './consent-commands.ts'
import {
  classesIn,
  classesInDescription,
  classesInSentence,
  classesOfSwitch,
  isCommit,
  isHarmless,
  isHarmlessDescription,
  type WordHit,
} from './consent-words.ts'
import { foldText } from './lexicon/phrases.ts'
import { classOfSign } from './sign-meanings.ts'

/** What is known of an action and of what it hits. Everything but the action may be missing. */
export interface ConsentInput {
  readonly action: ComputerAction
  /** The words on the target, from the accessibility tree, the page or a reading of its pixels. */
  readonly label?: string | undefined
  /** What the sign on the target surely means, where no words stand on it: one of `signMeanings`. */
  readonly sign?: string | undefined
  /** What the model says that it does. */
  readonly claim?: string | undefined
  /** As ARIA names it. */
  readonly role?: string | undefined
  /** `type` of a form field, or its `autocomplete`. */
  readonly fieldType?: string | undefined
  readonly url?: string | undefined
  /** Words around the target: a dialog's question, a window's title. */
  readonly nearby?: string | undefined
  /** What the person has asked for. */
  readonly task?: string | undefined
}

/** One reason for a class, in words that may be shown: no typed text is among them. */
export interface ConsentEvidence {
  readonly class: ConsentClass
  readonly tier: ConsentTier
  readonly from: 'label' | 'sign' | 'claim' | 'nearby' | 'url' | 'keys' | 'text' | 'field'
  readonly words: string
}

export interface Consent {
  /** Sorted as in `consentClasses`. */
  readonly classes: readonly ConsentClass[]
  /** The strictest of all classes. */
  readonly tier: ConsentTier
  readonly evidence: readonly ConsentEvidence[]
  /** Why nothing is known, where nothing was there to be read. */
  readonly unscored?: string | undefined
}

/** Which kinds of consequences an action has, by its words, keys, field and address. It looks at no pixel and asks no model. */
export function classifyAction(input: ConsentInput): Consent {
  const found = evidenceOf(input)
  if (typeof found === 'string') return { classes: [], tier: 'none', evidence: [], unscored: found }
  const classes = consentClasses.filter((name) => found.some((one) => one.class === name))
  return { classes, tier: strictestTier(found.map(({ tier }) => tier)), evidence: found }
}

type Found = readonly ConsentEvidence[]

function evidenceOf(input: ConsentInput): Found | string {
  const { action } = input
  switch (action.type) {
    case 'click':
      // Another button opens a menu or a page of its own.
      return action.button === 'left' ? ofTarget(input, action.count > 1) : []
    case 'mouse-down':
    case 'mouse-up':
      return action.button === 'left' ? ofTarget(input, false) : []
    case 'type':
      return ofTyping(input, action)
    case 'key':
    case 'key-down':
      return ofKeys(input, action.keys)
    case 'drag':
      return ofDrag(input)
    case 'navigate':
      return ofVisit(action.url)
    default:
      return []
  }
}

const fieldRoles =
  /^(?:textbox|searchbox|combobox|spinbutton|textarea|text ?field|edit|editor|input|contenteditable|slider|listbox|select)$/
const fieldTypes =
  /^(?:text|search|email|tel|url|number|password|date|time|month|week|datetime-local|textarea|color|range|select(?:-one|-multiple)?|contenteditable|(?:current|new)-password|one-time-code|cc-[a-z-]+|username|name|street-address|postal-code|bday)$/
/** What is only looked at, opened or selected. */
const passiveRoles =
  /^(?:tab|heading|columnheader|rowheader|cell|gridcell|row|rowgroup|list|listitem|treeitem|tree|navigation|tablist|article|paragraph|statictext|text|tooltip|scrollbar|separator|status|breadcrumb|region|table|grid|toolbar|menubar|figure|caption|definition|term|note|banner|contentinfo|main|search|summary|disclosure|accordion|progressbar|img-map|document|feed|timer|log|marquee)$/
const switchRoles = /^(?:checkbox|switch|radio|menuitemcheckbox|menuitemradio|togglebutton|toggle)$/
const executable = /\.(?:exe|msi|msix|dmg|pkg|deb|rpm|apk|ipa|appimage|bat|cmd|ps1|sh|command|jar|scr|vbs|run|appx|xpi|crx|reg|iso)$/i

function ofTarget(input: ConsentInput, twice: boolean): Found | string {
  const { label = '', claim = '', nearby = '', url } = input
  const role = input.role?.trim().toLowerCase() ?? ''
  const fieldType = input.fieldType?.trim().toLowerCase() ?? ''
  if (fieldType === 'file') return [evidence('upload', 'field', 'file')]
  const name = label.trim()
  if (executable.test(name.replace(/["'”]+$/, '')) && (twice || !passiveRoles.test(role))) return [evidence('install', 'label', name)]
  // Such a test is a grid of pictures or a slider as often as a button.
  const tests = /captcha/.test(fieldType) ? [evidence('captcha', 'field', fieldType)] : []
  if (isField(role, fieldType) || passiveRoles.test(role)) return tests.length > 0 ? tests : ofTest(name, true)
  const isSwitch = switchRoles.test(role) || fieldType === 'checkbox' || fieldType === 'radio'

  const found: ConsentEvidence[] = []
  const listed = named(classesIn(name), 'label')
  // A link mostly goes somewhere, and a harmless beginning or end mostly stays so: there the words of a list need the head's support.
  const isLink = role === 'link'
  const support = isLink ? surely.listedLink : surely.doubtful
  const isDoubtful = listed.length > 0 && (isLink || isHarmless(name)) && !mayHaveConsequences(name, 'press', support)
  found.push(...tests, ...(isDoubtful ? [] : listed), ...ofGlyphs(name), ...ofSign(input.sign))
  if (isSwitch) found.push(...named(classesOfSwitch(name), 'label'))
  const commit = isCommit(name)
  if (commit !== undefined) {
    if (name !== '' || mayHaveConsequences(claim, 'sign', surely.doubtful)) found.push(...named(classesInDescription(claim), 'claim'))
    // A nameless tick or badge is described by what stands on it or beside it.
    if (name === '' && found.length === 0) found.push(...named(classesOfSwitch(claim).filter(isOfSign), 'claim'))
    if (commit === 'commit' || found.length === 0) found.push(...named(classesInSentence(nearby), 'nearby'))
    // What a page is about says nothing of a sign that is described as harmless.
    if (name !== '' || !isHarmlessDescription(claim)) found.push(...named(classesOfAddress(url, commit), 'url'))
  } else if (found.length === 0 && !isHarmless(name) && !isSwitch) {
    found.push(...named(leading(claim), 'claim'))
  }
  // A label that only says yes, or only goes on, is told of by what stands around it.
  if (name === '' || commit === undefined) found.push(...likely(name, claim, isLink))
  found.push(...ofPrompt(input, found))
  if (found.length === 0 && !/[\p{L}\p{N}]/u.test(name + claim + nearby))
    return 'nothing is known of what is clicked: no label, no claim and no words around it'
  return distinct(found)
}

/**
 * How sure the head has to be of a label that begins or ends as harmless ones do ("View …", "… guide"), of a link, of the name of a field,
 * and of a picture or a slider that it is a test; and how likely it has to find a consequence that a list names where that is in doubt.
 */
const surely = { harmless: 0.9, link: 0.75, field: 0.75, test: 0.7, doubtful: 0.05, listedLink: 0.3 }

/** What words that are in no list make likely: those of the label, of a sign without one those by which it is told of. */
function likely(name: string, claim: string, isLink: boolean): Found {
  if (name !== '') {
    const least = isHarmless(name) ? surely.harmless : isLink ? surely.link : 0
    return likelyConsequences(name, 'press', least).map((one) => evidence(one, 'label', name))
  }
  return likelyConsequences(claim, 'sign', isHarmlessDescription(claim) ? surely.harmless : 0).map((one) => evidence(one, 'claim', claim))
}

function ofTest(name: string, isPassive: boolean): Found {
  const isTest = classesIn(name).some(({ class: found }) => found === 'captcha')
  const isLikely = isPassive && !isHarmless(name) && likelyConsequences(name, 'press', surely.test).includes('captcha')
  return isTest || isLikely ? [evidence('captcha', 'label', name)] : []
}

const sensors =
  /(?<!\p{L})(?:camera|webcam|microphone|mic|location|position|notification\p{L}*|clipboard|bluetooth|usb|midi|pop-ups?|background sync|screen sharing|kamera\p{L}*|mikrofon\p{L}*|standort\p{L}*|benachrichtigung\p{L}*|mitteilung\p{L}*|zwischenablage|bildschirmfreigabe|camara|microfono|ubicacion|notificacion\p{L}*|portapapeles|appareil photo|micro|localisation|notifications|presse-papiers|fotocamera|posizione|notific\p{L}*|localizacao|meldingen|locatie)(?!\p{L})|摄像头|攝影機|相机|麦克风|麥克風|定位|位置|通知|剪贴板|剪貼簿|蓝牙|弹窗|カメラ|マイク|位置情報|クリップボード/u

/** Who says yes to a question about a device lets the site use it, whatever stands on the button. */
function ofPrompt({ label = '', nearby = '', claim = '', fieldType = '' }: ConsentInput, found: Found): Found {
  const isAsked = /^permission:/i.test(fieldType)
  const saysYes = found.some(({ class: name }) => name === 'permission') || (isAsked && !isHarmless(label))
  const about = [label, nearby, claim].find((words) => sensors.test(foldText(words)))
  return saysYes && (isAsked || about !== undefined)
    ? [evidence('browser-permission', isAsked ? 'field' : 'nearby', about ?? fieldType)]
    : []
}

function isOfSign({ class: name }: WordHit): boolean {
  return name === 'captcha' || name === 'age'
}

/** What a claim says first: a label that says nothing of it may still do it ("Let's go!"). */
function leading(claim: string): readonly WordHit[] {
  const purpose = foldText(claim).replace(
    /^(?:i (?:will|am going to|need to|should) |let me |now )?(?:please )?(?:click|press|tap|hit|push|select|choose|use)(?:ing)?\b.*?\bto (?=\p{L})/u,
    '',
  )
  return purpose === '' || isHarmless(purpose) ? [] : classesInSentence(purpose).filter(({ words }) => purpose.startsWith(words))
}

const glyphs: readonly (readonly [RegExp, ConsentClass])[] = [
  [/[🗑🚮]/u, 'delete'],
  [/[✉📨📤➤➢➣✈📧📩📮🕊]/u, 'send'],
  [/[💳💸💰🤑🪙]/u, 'purchase'],
  [/[📎]/u, 'upload'],
  [/[🔑🗝]/u, 'permission'],
  [/[👍👎]/u, 'send'],
  [/[💊🩺💉]/u, 'medical'],
]

function ofGlyphs(label: string): Found {
  return /\p{L}{2}/u.test(label) ? [] : glyphs.flatMap(([pattern, name]) => (pattern.test(label) ? [evidence(name, 'label', label)] : []))
}

function ofSign(sign: string | undefined): Found {
  const name = sign === undefined ? undefined : classOfSign(sign)
  return name === undefined ? [] : [evidence(name, 'sign', sign ?? '')]
}

const searching =
  /(?<!\p{L})(?:search|find|filter|go to|jump|lookup|look up|query|quantity|qty|zoom|page|suche*|suchen|finden|filtern|menge|buscar|busqueda|filtrar|cantidad|recherch\p{L}*|filtrer|quantite|cerca|pesquisar|busca|address bar|location bar|url bar|adressleiste)(?!\p{L})|搜索|搜尋|查找|筛选|地址栏|検索|絞り込み/u
const speaking =
  /(?<!\p{L})(?:message\p{L}*|comment\p{L}*|reply|post|tweet|chat|mail|e-mail|email body|compose|body|say something|whats on your mind|review|feedback|write|nachricht\p{L}*|kommentar\p{L}*|antwort\p{L}*|schreib\p{L}*|mensaje\p{L}*|comentario\p{L}*|respuesta|escrib\p{L}*|repondre|reponse|ecri\p{L}*|messaggio|mensagem)(?!\p{L})|消息|评论|回复|留言|說點|说点|メッセージ|コメント|返信/u
const shells =
  /(?<!\p{L})(?:terminal|console|konsole|shell|bash|zsh|powershell|cmd|command prompt|command line|eingabeaufforderung|consola|xterm|ssh|run dialog|ausfuhren|repl)(?!\p{L})|终端|命令|ターミナル/u

interface Field {
  readonly isPassword: boolean
  readonly isNewPassword: boolean
  readonly isSearch: boolean
  readonly isShell: boolean
  readonly isSpeech: boolean
  readonly isLong: boolean
  readonly words: string
}

function fieldOf({ label = '', claim = '', role = '', fieldType = '', nearby = '', url = '' }: ConsentInput): Field {
  // A field without a name is what its agent says that it is.
  const words = foldText(label.trim() === '' ? claim : label)
  const type = fieldType.toLowerCase()
  const kind = role.toLowerCase()
  const isPassword = /password/.test(type) || passwords.test(words)
  return {
    words,
    isPassword,
    isNewPassword:
      isPassword &&
      (type === 'new-password' ||
        /(?<!\p{L})(?:new|neue\p{L}*|nueva|nouveau|nova|nuova|create|choose|repeat|confirm|again|wiederhol\p{L}*|bestatig\p{L}*|confirm\p{L}*)(?!\p{L})|新|確認|确认|再次/u.test(
          words,
        ) ||
        /(?:reset|change|new|forgot|recover)[-_/]?(?:password|pw)|password[-_/]?(?:reset|change)/i.test(url)),
    isSearch: type === 'search' || kind === 'searchbox' || kind === 'search' || searching.test(words),
    isShell:
      shells.test(words) ||
      kind === 'terminal' ||
      (shells.test(foldText(nearby)) && !isPassword) ||
      /\/(?:terminal|shell|console|ssh)(?:[/?#]|$)/i.test(url),
    isSpeech: speaking.test(words),
    isLong: type === 'textarea' || type === 'contenteditable' || kind === 'textarea',
  }
}

const passwords =
  /(?<!\p{L})(?:password|passwort|kennwort|contrasena|mot de passe|senha|passphrase|passcode|palavra-passe)(?!\p{L})|密码|密碼|パスワード/u
const sensitiveFields =
  /(?<!\p{L})(?:card number|credit card|debit card|cardholder|cvv|cvc|csc|security code|expiry|expiration date|iban|bic|account number|routing number|sort code|ssn|social security|national id\p{L}*|national insurance|tax id|tax number|passport|drivers? licen[cs]e|license number|date of birth|birth ?date|birthday|dob|pin|pin code|otp|one-time\p{L}*|verification code|2fa|auth code|security answer|mothers maiden\p{L}*|seed phrase|recovery phrase|recovery code|secret key|private key|api key|access token|medical\p{L}*|diagnos\p{L}*|symptom\p{L}*|medication\p{L}*|allerg\p{L}*|insurance (?:number|id)|policy number|salary|income|home address|private address|street address|residential address|mailing address|phone number|mobile number|telephone|cell phone|emergency contact|next of kin|ethnicity|ethnic\p{L}*|race|religio\p{L}*|faith|denomination|political\p{L}*|party affiliation|sexual orientation|gender identity|marital status|nationality|citizenship|disabilit\p{L}*|criminal record|union membership|net worth|credit score|health\p{L}*|blood type|kartennummer|kreditkart\p{L}*|prufziffer|kontonummer|sozialversicherung\p{L}*|steuernummer|steuer-id\p{L}*|ausweisnummer|personalausweis|reisepass\p{L}*|geburtsdatum|geheimzahl|fuhrerschein\p{L}*|krankenversicher\p{L}*|versichertennummer|\p{L}*einkommen|\p{L}*gehalt|\p{L}*anschrift|wohnadresse|privatadresse|wohnort|heimadresse|telefonnummer|handynummer|mobilnummer|mobiltelefon|rufnummer|notfallkontakt|angehorige\p{L}*|ethnie|ethnische\p{L}*|herkunft|religion\p{L}*|konfession|glaubens\p{L}*|parteizugehorigkeit|politische\p{L}*|sexuelle\p{L}*|familienstand|staatsangehorigkeit|behinderung\p{L}*|vorstrafen|gewerkschaft\p{L}*|\p{L}*vermogen|schufa\p{L}*|\p{L}*ausweisnummer|numero de tarjeta|tarjeta|cuenta bancaria|numero de cuenta|seguridad social|dni|nif|nie|pasaporte|fecha de nacimiento|codigo de seguridad|curp|rfc|cpf|codice fiscale|numero de carte|carte bancaire|cryptogramme|numero de securite sociale|securite sociale|passeport|date de naissance|cartao|carta di credito)(?!\p{L})|身份证|银行卡|卡号|信用卡|护照|出生日期|验证码|安全码|社保|账号|病史|症状|住址|住所|家庭地址|通讯地址|手机号|手机号码|电话号码|联系电话|紧急联系人|民族|种族|宗教|信仰|政治面貌|性取向|婚姻状况|国籍|残疾|犯罪记录|收入|月薪|年薪|驾驶证|驾照|居住证|カード番号|セキュリティコード|口座番号|マイナンバー|生年月日|暗証番号|パスポート/u
const sensitiveTypes =
  /^(?:cc-(?:number|csc|exp.*|name)|one-time-code|bday.*|password|current-password|new-password|street-address|address-line\d|tel(?:-.+)?)$/
const confessions =
  /(?<!\p{L})(?:password|passwort|kennwort|contrasena|mot de passe|pin|passcode|ssn|social security number|cvv|api key|secret key|seed phrase|private key|clave|iban|account number|passport number|diagnosed with|hiv|credentials?)(?:\s(?:is|ist|es|est|number|code|lautet|nummer|zu .{1,20})){0,2}\s?[:=]?\s?\S*\d|(?<!\p{L})(?:my|mein|mi|mon|our|the|their|her|his) (?:\p{L}+ ){0,2}(?:password|passwort|kennwort|contrasena|mot de passe|pin|passcode) (?:is|ist|es|est|:)|diagnosed with|(?:密码|密碼|パスワード)(?:是|は|:|：)/u

function ofTyping(input: ConsentInput, { text, submit }: { text: string; submit?: boolean | undefined }): Found | string {
  const { label = '', nearby = '', fieldType = '', url, task = '' } = input
  const field = fieldOf(input)
  const submits = submit === true || /[\r\n]$/.test(text)
  const found: ConsentEvidence[] = []

  if (field.isShell || submits) found.push(...named(classesOfCommand(text, { isShell: field.isShell, submits }), 'text'))
  if (/^\s*thisisunsafe\s*$|^\s*badidea\s*$/i.test(text))
    found.push(evidence('bypass', 'text', 'the word that passes a certificate warning'))
  if (field.isPassword) {
    if (field.isNewPassword) found.push(evidence('credential', 'field', 'a new password'))
    else found.push(evidence('login', 'field', 'password'), { ...evidence('credential', 'field', 'password'), tier: 'task' })
  }
  const secret = findSecrets(text).findings.find(
    ({ group, kind }) => group === 'secret' || kind === 'card' || kind === 'iban' || kind === 'us-ssn',
  )
  const likelyOfField = field.isSearch ? [] : likelyConsequences(field.words, 'type', surely.field)
  const isSensitive =
    field.isPassword ||
    sensitiveTypes.test(fieldType.toLowerCase()) ||
    (!field.isSearch && (sensitiveFields.test(field.words) || likelyOfField.includes('sensitive')))
  const said = secret?.kind ?? (confessions.test(foldText(text)) ? 'a secret in a sentence' : undefined)
  if (/one-time-code/i.test(fieldType)) found.push(evidence('login', 'field', 'a code for once'))
  if (/file-?name/i.test(fieldType) || fileNames.test(field.words)) found.push(evidence('rename', 'field', label))
  if (text.trim() !== '' && (isSensitive || said !== undefined)) {
    const words = said ?? (field.isPassword ? 'password' : label)
    found.push({
      ...evidence('sensitive', said === undefined ? 'field' : 'text', words),
      tier: isNamed(text, field, task) ? 'task' : 'confirm',
    })
    if (medical.test(field.words)) found.push(evidence('medical', 'field', label))
  }
  found.push(...ofConfirmation(label, nearby, text))
  if (
    /captcha/i.test(fieldType) ||
    (!/one-time-code|tel|sms/i.test(fieldType) && (captchas.test(field.words) || ofTest(label, false).length > 0))
  )
    found.push(evidence('captcha', 'field', label))
  for (const name of likelyOfField) if (ofFields.has(name)) found.push(evidence(name, 'field', label))
  // What is only written down has no consequence yet: it is told of, and asked about when it is sent.
  if (/^cc-/i.test(fieldType) || cards.test(field.words)) found.push({ ...evidence('purchase', 'field', label), tier: 'task' })
  for (const name of likelyOfField) if (ofForms.has(name)) found.push({ ...evidence(name, 'field', label), tier: 'task' })
  if (/^(?:username|name|nickname|email)$/i.test(fieldType) || accountNames.test(field.words))
    found.push(
      ...named(classesOfAddress(url, 'commit'), 'url').flatMap((one) =>
        one.class === 'account' ? [{ ...one, tier: 'task' as const }] : [],
      ),
    )
  if (/(?<!\p{L})(?:signature|sign here|e-sign|unterschrift|firma|signature)(?!\p{L})|签名|署名/u.test(field.words) && !field.isSearch)
    found.push(evidence('terms', 'field', label))
  if (field.isSearch && /^\s*(?:https?:|[\p{L}\d-]+\.[\p{L}]{2,}\/)/iu.test(text)) found.push(...ofVisit(text.trim()))
  if (submits) {
    const entered = ofEnter(input, field)
    if (typeof entered === 'string' && found.length === 0) return entered
    if (typeof entered !== 'string') found.push(...entered)
  } else if (birthYears.test(field.words) || /bday-year/i.test(fieldType)) {
    found.push(evidence('age', 'field', label))
  } else if (
    url !== undefined &&
    ageGate.test(`${foldText(nearby)} ${url}`) &&
    /birth|geburt|nacimiento|naissance|age|alter|year|出生|年龄/u.test(field.words)
  ) {
    found.push(evidence('age', 'field', label))
  }
  return distinct(found)
}

/** What the name of a field tells by itself. */
const ofFields: ReadonlySet<ConsentClass> = new Set(['captcha', 'login', 'rename', 'age', 'medical'])
/** What a form is about in which such a field is filled in. */
const ofForms: ReadonlySet<ConsentClass> = new Set(['purchase', 'subscribe', 'account', 'terms', 'system', 'permission', 'install'])
const cards =
  /(?<!\p{L})(?:card (?:number|no)|credit card|debit card|cvv|cvc|kartennummer|kreditkart\p{L}*|kartenprufnummer|numero de tarjeta|numero de carte)(?!\p{L})|卡号|信用卡|カード番号/u
const accountNames =
  /(?<!\p{L})(?:user ?name|display name|nickname|benutzername|nutzername|anzeigename|nombre de usuario|nom d utilisateur|pseudo)(?!\p{L})|用户名|昵称|ユーザー名/u
const fileNames =
  /^(?:(?:new )?(?:file|folder|document|project) ?name|rename(?: to)?|(?:neuer )?(?:datei|ordner|projekt)name|umbenennen(?: in)?|(?:新)?(?:文件|文件夹|项目)名称?|重命名为?)$/u
const birthYears = /(?<!\p{L})(?:year of birth|birth year|geburtsjahr|ano de nacimiento|annee de naissance)(?!\p{L})|出生年份|出生年$/u
const medical =
  /(?<!\p{L})(?:medical\p{L}*|diagnos\p{L}*|symptom\p{L}*|medication\p{L}*|allerg\p{L}*|health\p{L}*|blood type|krankenversicher\p{L}*|versichertennummer)(?!\p{L})|病史|症状/u
const captchas = /captcha|characters you see|验证码|人机/u
const ageGate = /age[-_ ]?(?:gate|check|verif|confirm)|alters|edad|verification-age|年龄|年齢/u

/** "Type DELETE to confirm": the word does what the label asks about. */
function ofConfirmation(label: string, nearby: string, text: string): Found {
  const asks =
    /(?<!\p{L})(?:type|enter|to confirm|eingeben|zum bestatigen|escrib\p{L}*|para confirmar|saisi\p{L}*|pour confirmer)(?!\p{L})|输入.*确认|入力.*確認/u
  const question = [label, nearby].find((words) => asks.test(foldText(words)))
  if (question === undefined || text.trim().length > 60 || isHarmless(question)) return []
  const typed = classesIn(text).filter(({ class: name }) => name === 'delete' || name === 'permission' || name === 'system')
  const asked = /confirm|bestatig|输入|確認/u.test(foldText(question))
    ? named(classesInSentence(question.replace(/\b(?:type|enter)\b/i, '')), 'nearby')
    : []
  return [...named(typed, 'text'), ...asked.filter(({ class: name }) => name === 'delete' || name === 'permission' || name === 'system')]
}

/** Whether the task has named what is typed: its value, or the field. */
function isNamed(text: string, field: Field, task: string): boolean {
  const wanted = foldText(task)
  if (wanted === '') return false
  const value = foldText(text)
  if (value.length >= 4 && wanted.includes(value)) return true
  if (field.isPassword) return !field.isNewPassword && classesIn(task).some(({ class: name }) => name === 'login')
  return field.words.length >= 3 && wanted.includes(field.words)
}

function ofKeys(input: ConsentInput, pressed: readonly string[]): Found | string {
  const keys = pressed.map((key) => key.toLowerCase())
  const has = (...names: readonly string[]) => names.some((name) => keys.includes(name))
  const command = has('control', 'ctrl', 'meta', 'cmd', 'command', 'super')
  const field = fieldOf(input)
  const role = input.role?.toLowerCase() ?? ''
  const inField = isField(role, input.fieldType?.toLowerCase() ?? '')
  const said = named(classesInSentence(input.claim ?? ''), 'claim')

  if (has('enter', 'return', 'numpadenter', 'kp_enter')) {
    if (executable.test(input.label?.trim() ?? '')) return [evidence('install', 'label', input.label ?? '')]
    if (command && has('shift')) return [evidence('install', 'keys', 'run as administrator')]
    if (command)
      return field.isSearch
        ? []
        : distinct([
            evidence(
              field.isShell || /notebook|jupyter|colab|query|sql/i.test(`${input.url} ${field.words}`) ? 'install' : 'send',
              'keys',
              'Control+Enter',
            ),
            ...said,
          ])
    return ofEnter(input, field)
  }
  if (has('delete', 'del', 'backspace')) {
    if (command && has('alt', 'option')) return [evidence('system', 'keys', 'Control+Alt+Delete')]
    if (command && has('shift')) return [evidence('delete', 'keys', 'Control+Shift+Delete')]
    if (inField || field.isShell) return said
    if (has('shift') && has('delete', 'del')) return distinct([evidence('delete', 'keys', 'Shift+Delete'), ...said])
    if (/(?<!\p{L})(?:character|letter|word|text|typo|field|zeichen|wort|texto|caractere|mot)(?!\p{L})/u.test(foldText(input.claim ?? '')))
      return []
    if (has('backspace') && !command) return said
    return distinct([evidence('delete', 'keys', 'Delete'), ...said])
  }
  if (has('alt') && has('s') && /mail|outlook|compose/i.test(`${input.url} ${input.nearby}`)) return [evidence('send', 'keys', 'Alt+S')]
  if (keys.length === 1 && has('f2') && !inField) return [evidence('rename', 'keys', 'F2')]
  if (keys.length === 1 && has(' ', 'space') && !inField) return input.label === undefined ? said : ofTarget(input, false)
  if (keys.length === 1 && has('y') && (field.isShell || input.nearby !== undefined))
    return distinct([...said, ...named(classesInSentence(input.nearby ?? ''), 'nearby')])
  return said
}

function ofEnter(input: ConsentInput, field: Field): Found | string {
  const role = input.role?.toLowerCase() ?? ''
  const said = named(classesInSentence(input.claim ?? ''), 'claim')
  if (field.isShell) return distinct([evidence('install', 'keys', 'Enter in a command line'), ...said])
  if (field.isPassword)
    return distinct([
      field.isNewPassword
        ? evidence('credential', 'keys', 'Enter after a new password')
        : evidence('login', 'keys', 'Enter after a password'),
      ...said,
    ])
  if (field.isSearch || /^(?:combobox|listbox|gridcell|cell|row|treeitem|slider|spinbutton|tab|menu|menubar)$/.test(role))
    return said.filter(({ class: name }) => name !== 'send')
  if (said.length > 0) return distinct([...said, ...ofPrompt(input, said)])
  const inField = isField(role, input.fieldType?.toLowerCase() ?? '')
  if (input.label !== undefined && role !== '' && !inField) return ofTarget(input, false)
  if (field.isSpeech) return [evidence('send', 'keys', 'Enter after a message')]
  const about = [
    ...(inField ? [...named(classesIn(input.label ?? ''), 'field'), ...likely(input.label ?? '', '', false)] : []),
    ...named(classesOfAddress(input.url, 'commit'), 'url'),
  ]
  if (about.length > 0) return distinct(inField ? [...about, evidence('send', 'keys', 'Enter in a form')] : about)
  if (field.isLong) return []
  if (inField) return [evidence('send', 'keys', 'Enter in a form')]
  if (input.label !== undefined) return ofTarget(input, false)
  const around = named(classesInSentence(input.nearby ?? ''), 'nearby')
  if (around.length > 0) return around
  return input.claim === undefined ? 'nothing is known of what Enter is pressed in' : []
}

/** What is dragged out of a list of files lands somewhere else. */
const files = /^[^\s/\\].{0,120}\.[a-z][a-z0-9]{1,4}$/i

function ofDrag(input: ConsentInput): Found {
  const text = `${input.label ?? ''}. ${input.claim ?? ''}. ${input.nearby ?? ''}`
  const found = named(classesInSentence(text), 'claim').filter(({ class: name }) =>
    ['delete', 'captcha', 'upload', 'rename', 'purchase', 'send', 'permission', 'install'].includes(name),
  )
  const tests = ofTest(input.label ?? '', true)
  const isFile = files.test(input.label?.trim() ?? '') || input.role?.toLowerCase() === 'treeitem'
  return distinct(isFile ? [...found, ...tests, evidence('rename', 'label', input.label ?? '')] : [...found, ...tests])
}

function ofVisit(url: string): Found {
  const found = named(classesOfVisit(url), 'url')
  let readable = url
  try {
    readable = decodeURIComponent(url)
  } catch {
    // Not well-formed escapes: as it is.
  }
  const secret = findSecrets(readable).findings.find(
    ({ group, kind }) => group === 'secret' || kind === 'card' || kind === 'iban' || kind === 'us-ssn',
  )
  const parameter =
    /[?&#;](?:password|passwd|pwd|pass|secret|token|access_token|api_?key|key|ssn|card(?:_?number)?|cvv|iban|pin|otp|session|credential)=([^&#]{3,})/i.exec(
      readable,
    )
  if (secret !== undefined || parameter !== null)
    return distinct([...found, evidence('sensitive', 'url', secret?.kind ?? 'a secret among its parameters')])
  return distinct(found)
}

function isField(role: string, fieldType: string): boolean {
  return fieldRoles.test(role) || (role !== 'button' && !switchRoles.test(role) && fieldTypes.test(fieldType))
}

function evidence(name: ConsentClass, from: ConsentEvidence['from'], words: string): ConsentEvidence {
  return { class: name, tier: consentKinds[name].tier, from, words: words.slice(0, 120) }
}

function named(hits: readonly WordHit[], from: ConsentEvidence['from']): ConsentEvidence[] {
  return hits.map((hit) => evidence(hit.class, from, hit.words))
}

function distinct(found: readonly ConsentEvidence[]): ConsentEvidence[] {
  return found.filter((one, index) => found.findIndex((other) => other.class === one.class) === index)
}

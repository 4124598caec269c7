/** An address or a file that a text names, as words that may stand in the definition of a tool for such things. */
export interface Pointer {
  /** What the thing is: of an address its host or scheme, of a file its kind. */
  readonly what: string
  /** What an address says further. It tells something among the tools for the host alone: a folder may be called anything. */
  readonly further: string
}

// Longer lists say more than one step is about, and each costs a look into the index.
const mostPointers = 4
const readCharacters = 4000
const furtherCharacters = 120

/**
 * The addresses and files in a text, the last ones first: they are what a step is most likely about.
 *
 * "see github.com/acme/shop/pull/3" asks for tools of GitHub, "add up report.xlsx" for those that read spreadsheets, though neither
 * says so in a word that such a tool would use.
 */
export function pointersIn(text: string): Pointer[] {
  const found = new Map<string, Pointer>()
  const matches = [...text.slice(-readCharacters).matchAll(pointing)].toReversed()
  for (const { groups } of matches) {
    const pointer = toPointer(groups ?? {})
    if (pointer !== undefined && !found.has(pointer.what)) found.set(pointer.what, pointer)
    if (found.size === mostPointers) break
  }
  return [...found.values()]
}

/** An address with a scheme, one without, and a file; an e-mail address is none of them. */
const pointing =
  /\b(?<scheme>[a-z][a-z0-9+]{1,12}):\/\/(?:[^\s/@]*@)?(?<host>[a-z0-9.-]*)(?<port>:\d{2,5})?(?<path>\/[^\s"'<>)\]]*)?|(?<![\w@./-])(?<bare>(?:[a-z0-9-]+\.)+[a-z]{2,12}|localhost|\d+\.\d+\.\d+\.\d+)(?<barePort>:\d{2,5})?(?<barePath>\/[^\s"'<>)\]]*)?(?![\w@])|(?<=\.)(?<extension>[a-z0-9]{2,8})(?![\w@/.])/giu

function toPointer(groups: Readonly<Record<string, string | undefined>>): Pointer | undefined {
  const { scheme, extension } = groups
  if (extension !== undefined) return ofFile(extension.toLowerCase())
  const host = (groups['host'] ?? groups['bare'] ?? '').toLowerCase()
  const path = groups['path'] ?? groups['barePath']
  const port = (groups['port'] ?? groups['barePort'])?.slice(1)
  const last = host.split('.').at(-1) ?? ''
  if (scheme === undefined) {
    // `report.xlsx` is written like a host, and a bare host is mostly talked about: whether it is for sale, or down.
    if (path === undefined && port === undefined) return ofFile(last)
  }
  const known = schemes.get(scheme?.toLowerCase() ?? '') ?? ports.get(port ?? '')
  if (known !== undefined) return { what: known, further: '' }
  if (scheme !== undefined && !/^(?:https?|wss?)$/i.test(scheme)) return { what: scheme.toLowerCase(), further: '' }
  // A file on the web is a file first; where it lies says little.
  const file = kinds.get(/\.([a-z0-9]{2,8})$/i.exec(path?.split(/[?#]/)[0] ?? '')?.[1]?.toLowerCase() ?? '')
  const what = hostWords(host)
  if (file !== undefined && !hosts.has(what)) return { what: file, further: '' }
  const further =
    (path ?? '')
      .split(/[?#]/)[0]
      ?.slice(0, furtherCharacters)
      .replace(/[^a-z]+/gi, ' ') ?? ''
  return what === '' ? undefined : { what: hosts.get(what) ?? what, further: further.trim() }
}

function ofFile(extension: string): Pointer | undefined {
  const what = kinds.get(extension)
  return what === undefined ? undefined : { what, further: '' }
}

/** The words of a host without what only says where in the web it is: `docs.google.com` is "docs google". */
function hostWords(host: string): string {
  const whole = hosts.get(host)
  if (whole !== undefined) return whole
  const labels = host.split('.')
  if (labels.length < 2 || /^[\d.]+$/.test(host)) return ''
  labels.pop()
  if (labels.length > 1 && secondLevels.has(labels.at(-1) ?? '')) labels.pop()
  const told = labels.filter((label) => !generalLabels.has(label))
  // A company's own `grafana.acme.dev` is a Grafana like `acme.grafana.net`.
  const service = labels.findLast((label) => hosts.has(label))
  return hosts.get(service ?? '') ?? told.join(' ').replaceAll('-', ' ')
}

const generalLabels = new Set('www m en de fr es ja zh api app cdn static assets dashboard web internal dev open example'.split(' '))
const secondLevels = new Set('co com org net ac gov edu'.split(' '))

/** Addresses under another name than that of the service, and what the services are for that go by a name of their own. */
const hosts: ReadonlyMap<string, string> = new Map([
  ['youtu.be', 'youtube video'],
  ['youtube', 'youtube video'],
  ['vimeo', 'vimeo video'],
  ['x.com', 'twitter tweet post'],
  ['t.me', 'telegram message'],
  ['news.ycombinator.com', 'hackernews hacker news'],
  ['atlassian', 'jira confluence atlassian ticket tracker'],
  ['linear', 'linear ticket tracker'],
  ['trello', 'trello board card'],
  ['asana', 'asana task'],
  ['notion', 'notion page notes'],
  ['sentry', 'sentry errors'],
  ['stripe', 'stripe payments'],
  ['grafana', 'grafana metrics dashboard'],
  ['datadoghq', 'datadog metrics'],
  ['figma', 'figma design'],
  ['spotify', 'spotify music track'],
  ['slack', 'slack message channel'],
  ['discord', 'discord message channel'],
  ['hubspot', 'hubspot crm contact'],
  ['salesforce', 'salesforce crm'],
  ['openstreetmap', 'openstreetmap osm maps'],
  ['npmjs', 'npm package'],
  ['pypi', 'pypi python package'],
  ['mvnrepository', 'maven'],
  ['leetcode', 'leetcode problem'],
  ['amazonaws', 'aws'],
  ['drive.google.com', 'google drive documents'],
  ['calendar.google.com', 'google calendar events'],
  ['mail.google.com', 'gmail mail message'],
  ['maps.google.com', 'google maps'],
  ['docs.google.com', 'google docs document'],
  ['sheets.google.com', 'google sheets spreadsheet'],
])

const schemes: ReadonlyMap<string, string> = new Map([
  ['s3', 's3 aws bucket object storage'],
  ['gs', 'gcs google bucket object storage'],
  ['az', 'azure blob object storage'],
  ['postgres', 'postgres postgresql sql database'],
  ['postgresql', 'postgres postgresql sql database'],
  ['mysql', 'mysql sql database'],
  ['sqlite', 'sqlite sql database'],
  ['mongodb', 'mongodb database collection'],
  ['redis', 'redis key cache'],
  ['amqp', 'rabbitmq queue message'],
  ['ftp', 'ftp file'],
  ['sftp', 'sftp ssh file'],
  ['ssh', 'ssh shell command'],
  ['git', 'git repository'],
  ['docker', 'docker container image'],
  ['file', 'file filesystem'],
])

/** Ports that one kind of server nearly always has. */
const ports: ReadonlyMap<string, string> = new Map([
  ['5432', 'postgres postgresql sql database'],
  ['3306', 'mysql sql database'],
  ['1433', 'mssql sqlserver sql database'],
  ['27017', 'mongodb database collection'],
  ['6379', 'redis key cache'],
  ['9200', 'elasticsearch index search'],
  ['9092', 'kafka topic'],
  ['5672', 'rabbitmq queue message'],
  ['9090', 'prometheus metrics'],
])

/** What files of a kind are called by the tools for them. */
const kinds: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'excel spreadsheet sheet workbook': 'xlsx xlsm xls ods',
    'csv table spreadsheet data': 'csv tsv',
    'parquet table data': 'parquet',
    'word document docx': 'docx doc odt rtf',
    'powerpoint presentation slide ppt pptx': 'pptx ppt odp key',
    'pdf document': 'pdf',
    'image picture photo': 'png jpg jpeg gif webp bmp tiff heic',
    'svg image': 'svg',
    'audio music sound': 'mp3 wav flac ogg aac',
    'audio speech transcribe': 'm4a',
    video: 'mp4 mov mkv webm avi',
    'markdown note': 'md mdx',
    'mermaid diagram': 'mmd mermaid',
    'html page': 'html htm',
    'calendar event invite': 'ics',
    contact: 'vcf',
    'mail message email': 'eml msg',
    'sql database': 'sql',
    'sqlite sql database': 'sqlite sqlite3 db',
    'archive zip': 'zip tar gz tgz 7z rar',
    'notebook jupyter': 'ipynb',
    'text file': 'txt log',
    'code file': 'py ts js tsx jsx go rs java rb cpp cs php swift kt sh',
    json: 'json jsonl',
    yaml: 'yaml yml',
    xml: 'xml',
  }).flatMap(([what, extensions]) => extensions.split(' ').map((extension) => [extension, what] as const)),
)

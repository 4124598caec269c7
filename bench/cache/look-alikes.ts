/** A question, and others that look like it and differ in one thing: each must be asked by itself. */
export interface LookAlike {
  readonly kind: 'number' | 'unit' | 'date' | 'negation' | 'direction' | 'named thing'
  readonly one: string
  readonly other: string
}

/** `{a|b|c}`: each with each other. */
const templates: Readonly<Record<LookAlike['kind'], readonly string[]>> = {
  number: [
    'How do I divide a cake into {6|8|12|six|sixteen} pieces?',
    'What is {15|50|5.1|51} percent of 900?',
    'How many eggs do I need for {two|three|20} people?',
    'What changed in version {3.10|3.11|3.1} of Python?',
    'Who was the {first|second|third} person on the moon?',
    'Is a salary of {40,000|400,000|45,000} enough to live in Boston?',
    'What should a {2|12|22} year old weigh?',
    'How do I solve x squared plus {3|4|13}x equals {7|8}?',
    'Can I get a refund after {10|30|100} days?',
    'What is the {5th|6th|15th} amendment?',
  ],
  unit: [
    'How many {cups|liters|ounces} of water should I drink?',
    'What is 30 {kg|pounds|stones} on the moon?',
    'Is 100 {Celsius|Fahrenheit|Kelvin} hot?',
    'How do I write 90 {minutes|seconds|hours} in code?',
    'How much is 20 {dollars|euros|pounds} worth?',
    'How big is a file of 4 {MB|GB|KB}?',
    'Is 60 {km|miles|meters} far to walk?',
    'What is 5 {feet|inches|yards} tall like?',
  ],
  date: [
    'What holidays are in {June|July|January}?',
    'Is the office open on {Monday|Sunday|Friday}?',
    'What happened on {4 July|5 July|4 June} 1776?',
    'How was the harvest in {1990|1991|2009}?',
    'Who won the race {last year|this year|two years ago}?',
    'What should I plant in {spring|autumn|winter}?',
    'What was on television {yesterday|last night|on Tuesday}?',
    'Which movies come out {next week|next month|in March}?',
  ],
  negation: [
    'Why {does|does not} my car start?',
    'Which foods {contain|do not contain} gluten?',
    'How can I cook rice {with|without} a lid?',
    'Who {should|should not} take aspirin?',
    'Is it legal {to park|not to park} here?',
    'What happens if I {pay|never pay|do not pay} my taxes?',
    'Are there countries {with|with no|without} an army?',
    'Should I {invest|not invest} in gold?',
  ],
  direction: [
    'How do I get from {Rome to Milan|Milan to Rome}?',
    'How do I convert {PDF to Word|Word to PDF}?',
    'Should I brush my teeth {before|after} breakfast?',
    'Is {gold heavier than lead|lead heavier than gold}?',
    'How do I {import|export} contacts in Outlook?',
    'How can I {increase|decrease|lower} my blood pressure?',
    'Did {Sweden attack Russia|Russia attack Sweden}?',
    'How do I {enable|disable} notifications?',
    'What is the {highest|lowest} point in Spain?',
    'How do I migrate from {Oracle to Postgres|Postgres to Oracle}?',
    'Did {Anna marry Paul before Tom|Anna marry Tom before Paul}?',
    'How do I {encode|decode} a string in base64?',
    'Can I send money from {my bank to PayPal|PayPal to my bank}?',
    'How do I {upload|download} photos from my camera?',
    'What is a {letter to|letter from} the Romans?',
  ],
  'named thing': [
    'What is the capital of {Austria|Australia|austria hungary}?',
    'How do I install {numpy|scipy|NumPyro}?',
    'Who is the CEO of {Apple|Google|Intel}?',
    'how do i learn {java|javascript|rust}',
    'Is {ibuprofen|aspirin|paracetamol} safe during pregnancy?',
    'What does {git pull|git push|git fetch} do?',
    'How tall is {Tom Cruise|Tom Hanks|Tom Holland}?',
    'When was the {University of Oxford|University of Cambridge} founded?',
    'How do I open a {.csv|.xls|.json} file?',
    'What is the population of {Georgia the country|Georgia the state}?',
    'How do I cook {lentils|chickpeas|rice}?',
    'What does `{map|filter|reduce}` return?',
    'How do I call {parse_args|parseArgs|parse_known_args} in tests?',
    'Is {Visa|Mastercard|American Express} accepted?',
    'What is the best phone of {Samsung|Nokia|Huawei}?',
    'Who wrote {The Trial|The Castle}?',
    'Was ist die Hauptstadt von {Österreich|Ungarn}?',
    'Quelle est la capitale de {la Suisse|la Suède}?',
  ],
}

export function lookAlikes(): LookAlike[] {
  return Object.entries(templates).flatMap(([kind, all]) =>
    all.flatMap((template) => {
      const filled = fillings(template)
      return filled.flatMap((one, index) => filled.slice(index + 1).map((other) => ({ kind: kind as LookAlike['kind'], one, other })))
    }),
  )
}

function fillings(template: string): string[] {
  const slot = /\{([^}]+)\}/.exec(template)
  if (slot === null) return [template]
  return (slot[1] ?? '').split('|').flatMap((choice) => fillings(template.replace(slot[0], choice)))
}

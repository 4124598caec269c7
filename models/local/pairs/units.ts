/** Each line is one unit. */
const units = `
  km kilometer kilometers kilometre kilometres kms
  mi mile miles
  m meter meters metre metres
  cm centimeter centimeters centimetre centimetres
  mm millimeter millimeters millimetre millimetres
  ft foot feet
  inch inches
  yd yard yards
  kg kilogram kilograms kilo kilos
  g gram grams
  mg milligram milligrams
  lb lbs pound pounds
  oz ounce ounces
  ton tons tonne tonnes
  l liter liters litre litres
  ml milliliter milliliters millilitre millilitres
  gallon gallons
  cup cups
  tbsp tablespoon tablespoons
  tsp teaspoon teaspoons
  c celsius °c centigrade
  f fahrenheit °f
  k kelvin
  % percent percentage
  $ usd dollar dollars bucks
  € eur euro euros
  £ gbp sterling
  ¥ yen jpy
  ₹ rupee rupees inr
  ms millisecond milliseconds
  sec second seconds secs
  min minute minutes mins
  h hour hours hourly hr hrs
  day days daily
  week weeks weekly
  month months monthly
  year years yearly annually annual
  decade decades
  century centuries
  kb kilobyte kilobytes
  mb megabyte megabytes
  gb gigabyte gigabytes
  tb terabyte terabytes
  bit bits
  byte bytes
  hz hertz
  w watt watts
  kw kilowatt kilowatts
  v volt volts
  px pixel pixels
  cal calorie calories kcal
  mph
  kmh
  degree degrees
  acre acres
  hectare hectares
`

/** The first word of a unit's line. */
export const unitOf: ReadonlyMap<string, string> = new Map(
  units
    .trim()
    .split('\n')
    .flatMap((line) =>
      line
        .trim()
        .split(' ')
        .map((word, _, all) => [word, all[0] ?? word] as const),
    ),
)

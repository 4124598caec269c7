/*
 * Numbers that a state gives to a person, by their published check digits. Where nine or ten digits with one check digit are all there
 * is, one of ten numbers passes, so that a word before it has to say what it is.
 */

export interface NationalId {
  /** ISO 3166, of the state that gives it. */
  readonly country: string
  readonly pattern: RegExp
  readonly isValid: (value: string) => boolean
  /** What must stand shortly before it. */
  readonly label?: RegExp | undefined
}

const digitsOf = (value: string) => Array.from(value.replace(/\D/g, ''), Number)
const weighted = (digits: readonly number[], weights: readonly number[]) =>
  weights.reduce((sum, weight, index) => sum + weight * (digits[index] ?? 0), 0)

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

export const nationalIds: readonly NationalId[] = [
  {
    country: 'CN',
    pattern: /(?<![A-Za-z0-9])[1-9]\d{5}(?:19|20)\d{9}[\dXx](?![A-Za-z0-9])/g,
    isValid(value) {
      if (!isDate(Number(value.slice(6, 10)), Number(value.slice(10, 12)), Number(value.slice(12, 14)))) return false
      const sum = weighted(digitsOf(value.slice(0, 17)), [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
      return '10X98765432'[sum % 11] === value[17]?.toUpperCase()
    },
  },
  {
    country: 'FR',
    pattern: /(?<![A-Za-z0-9])[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![A-Za-z0-9])/g,
    isValid(value) {
      const plain = value.replaceAll(' ', '').replace('2A', '19').replace('2B', '18')
      return Number(BigInt(plain.slice(0, 13)) % 97n) === 97 - Number(plain.slice(13))
    },
  },
  {
    country: 'IT',
    pattern: /(?<![A-Za-z0-9])[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z](?![A-Za-z0-9])/gi,
    isValid(value) {
      const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
      let sum = 0
      for (const [index, letter] of [...value.slice(0, 15).toUpperCase()].entries()) {
        const order = /\d/.test(letter) ? Number(letter) : letter.charCodeAt(0) - 65
        sum += index % 2 === 0 ? (odd[order] ?? 0) : order
      }
      return value[15]?.toUpperCase() === String.fromCharCode(65 + (sum % 26))
    },
  },
  {
    country: 'ES',
    pattern: /(?<![A-Za-z0-9])(?:\d{8}|[XYZ]-?\d{7})[- ]?[A-HJ-NP-TV-Z](?![A-Za-z0-9])/gi,
    isValid(value) {
      const plain = value.replace(/[- ]/g, '').toUpperCase()
      const number = plain.slice(0, -1).replace('X', '0').replace('Y', '1').replace('Z', '2')
      return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(number) % 23] === plain.at(-1)
    },
  },
  {
    country: 'FI',
    pattern: /(?<![A-Za-z0-9])\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?![A-Za-z0-9])/g,
    isValid: (value) =>
      isDate(2000 + Number(value.slice(4, 6)), Number(value.slice(2, 4)), Number(value.slice(0, 2))) &&
      '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(value.slice(0, 6) + value.slice(7, 10)) % 31] === value[10],
  },
  {
    country: 'CH',
    pattern: /(?<![\w.])756\.?\d{4}\.?\d{4}\.?\d{2}(?![\w]|\.\d)/g,
    isValid(value) {
      const digits = digitsOf(value)
      return digits.reduce((sum, digit, index) => sum + digit * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0
    },
  },
  {
    country: 'BR',
    pattern: /(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w])/g,
    isValid(value) {
      const digits = digitsOf(value)
      if (new Set(digits).size === 1) return false
      const check = (count: number) => {
        const rest = (10 * digits.slice(0, count).reduce((sum, digit, index) => sum + digit * (count + 1 - index), 0)) % 11
        return rest === 10 ? 0 : rest
      }
      return check(9) === digits[9] && check(10) === digits[10]
    },
  },
  {
    country: 'SE',
    pattern: /(?<![\w-])(?:19|20)?\d{6}[-+]\d{4}(?![\w-])/g,
    isValid(value) {
      const digits = digitsOf(value).slice(-10)
      const [month, day] = [(digits[2] ?? 0) * 10 + (digits[3] ?? 0), (digits[4] ?? 0) * 10 + (digits[5] ?? 0)]
      if (month < 1 || month > 12 || day < 1 || day > 91) return false
      const sum = digits.reduce((total, digit, index) => {
        const part = digit * (index % 2 === 0 ? 2 : 1)
        return total + (part > 9 ? part - 9 : part)
      }, 0)
      return sum % 10 === 0
    },
  },
  {
    country: 'DE',
    pattern: /(?<![\w.,-])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\w-]|[.,]\d)/g,
    label: /steuer|id-?nr|tin\b|tax/i,
    isValid(value) {
      const digits = digitsOf(value)
      let product = 10
      for (const digit of digits.slice(0, 10)) {
        const sum = (digit + product) % 10 || 10
        product = (sum * 2) % 11
      }
      return (11 - product) % 10 === digits[10]
    },
  },
  {
    country: 'PL',
    pattern: /(?<![\w.,-])\d{11}(?![\w-]|[.,]\d)/g,
    label: /pesel/i,
    isValid(value) {
      const digits = digitsOf(value)
      return (10 - (weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === digits[10]
    },
  },
  {
    country: 'TR',
    pattern: /(?<![\w.,-])[1-9]\d{10}(?![\w-]|[.,]\d)/g,
    label: /kimlik|\bt\.?c\.?\b/i,
    isValid(value) {
      const digits = digitsOf(value)
      const tenth = (weighted(digits, [7, 0, 7, 0, 7, 0, 7, 0, 7]) - weighted(digits, [0, 1, 0, 1, 0, 1, 0, 1])) % 10
      return tenth === digits[9] && digits.slice(0, 10).reduce((sum, digit) => sum + digit, 0) % 10 === digits[10]
    },
  },
  {
    country: 'IN',
    pattern: /(?<![\w.,-])[2-9]\d{3} ?\d{4} ?\d{4}(?![\w-]|[.,]\d)/g,
    label: /aadhaar|aadhar|uid\b/i,
    isValid: (value) => isVerhoeff(digitsOf(value)),
  },
  {
    country: 'GB',
    pattern: /(?<![\w.,-])\d{3} ?\d{3} ?\d{4}(?![\w-]|[.,]\d)/g,
    label: /\bnhs\b/i,
    isValid(value) {
      const digits = digitsOf(value)
      return (11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === digits[9]
    },
  },
  {
    country: 'GB',
    pattern: /(?<![A-Za-z0-9])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])/g,
    label: /national insurance|\bni(?:no)?\b/i,
    isValid: () => true,
  },
  {
    country: 'NL',
    pattern: /(?<![\w.,-])\d{9}(?![\w-]|[.,]\d)/g,
    label: /\bbsn\b|burgerservice|sofi/i,
    isValid: (value) => weighted(digitsOf(value), [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
  },
  {
    country: 'CA',
    pattern: /(?<![\w.,-])\d{3}[- ]?\d{3}[- ]?\d{3}(?![\w-]|[.,]\d)/g,
    label: /\bsin\b|social insurance/i,
    isValid(value) {
      const sum = digitsOf(value).reduce((total, digit, index) => {
        const part = digit * (index % 2 === 0 ? 1 : 2)
        return total + (part > 9 ? part - 9 : part)
      }, 0)
      return sum % 10 === 0
    },
  },
  {
    country: 'KR',
    pattern: /(?<![\w-])\d{6}-[1-8]\d{6}(?![\w-])/g,
    isValid(value) {
      const digits = digitsOf(value)
      if (!isMonthAndDay(digits, 2)) return false
      return (11 - (weighted(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10 === digits[12]
    },
  },
  {
    country: 'MX',
    pattern: /(?<![A-Za-z0-9])[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d(?![A-Za-z0-9])/g,
    isValid(value) {
      const order = '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ'
      const sum = Array.from(value.slice(0, 17)).reduce((total, letter, index) => total + order.indexOf(letter) * (18 - index), 0)
      return (10 - (sum % 10)) % 10 === Number(value[17])
    },
  },
  {
    country: 'BE',
    pattern: /(?<![\w.-])\d{2}\.?\d{2}\.?\d{2}-\d{3}[.-]\d{2}(?![\w]|[.-]\d)/g,
    isValid(value) {
      const digits = value.replaceAll(/\D/g, '')
      const [first, check] = [Number(digits.slice(0, 9)), Number(digits.slice(9))]
      return 97 - (first % 97) === check || 97 - ((2_000_000_000 + first) % 97) === check
    },
  },
  {
    country: 'SG',
    pattern: /(?<![A-Za-z0-9])[STFG]\d{7}[A-Z](?![A-Za-z0-9])/g,
    isValid(value) {
      const sum = weighted(digitsOf(value), [2, 7, 6, 5, 4, 3, 2]) + (/^[TG]/.test(value) ? 4 : 0)
      return (/^[ST]/.test(value) ? 'JZIHGFEDCBA' : 'XWUTRQPNMLK')[sum % 11] === value[8]
    },
  },
  {
    country: 'HK',
    pattern: /(?<![A-Za-z0-9])[A-Z]\d{6}\([0-9A]\)/g,
    isValid(value) {
      const sum = 36 * 9 + (value.charCodeAt(0) - 55) * 8 + weighted(digitsOf(value.slice(0, 7)), [7, 6, 5, 4, 3, 2])
      return '0123456789A'[(11 - (sum % 11)) % 11] === value[8]
    },
  },
  {
    country: 'NO',
    pattern: /(?<![\w.,-])\d{6} ?\d{5}(?![\w-]|[.,]\d)/g,
    label: /f(?:ø|o)dsels|personn|\bfnr\b/i,
    isValid(value) {
      const digits = digitsOf(value)
      return weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 && weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
    },
  },
  {
    country: 'DK',
    pattern: /(?<![\w-])\d{6}-?\d{4}(?![\w-])/g,
    label: /\bcpr\b/i,
    isValid: (value) => isMonthAndDay([...digitsOf(value).slice(2, 4), ...digitsOf(value).slice(0, 2)], 0),
  },
  {
    country: 'ZA',
    pattern: /(?<![\w.,-])\d{13}(?![\w-]|[.,]\d)/g,
    label: /\bid\b|identity/i,
    isValid(value) {
      const digits = digitsOf(value)
      const sum = digits.reduce((total, digit, index) => total + (index % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2), 0)
      return isMonthAndDay(digits, 2) && sum % 10 === 0
    },
  },
  {
    country: 'AU',
    pattern: /(?<![\w.,-])\d{3} ?\d{3} ?\d{3}(?![\w-]|[.,]\d)/g,
    label: /\btfn\b|tax file/i,
    isValid: (value) => weighted(digitsOf(value), [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0,
  },
  {
    country: 'JP',
    pattern: /(?<![\w.,-])\d{4}[ -]?\d{4}[ -]?\d{4}(?![\w-]|[.,]\d)/g,
    label: /my ?number|マイナンバー|個人番号/i,
    isValid(value) {
      const digits = digitsOf(value)
      const rest = weighted(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
      return (rest <= 1 ? 0 : 11 - rest) === digits[11]
    },
  },
]

function isMonthAndDay(digits: readonly number[], at: number): boolean {
  const [month, day] = [at, at + 2].map((place) => (digits[place] ?? 0) * 10 + (digits[place + 1] ?? 0))
  return month !== undefined && day !== undefined && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

const permuted = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

/** The dihedral group of the pentagon: rotations 0 to 4, reflections 5 to 9. */
function isVerhoeff(digits: readonly number[]): boolean {
  let check = 0
  for (const [index, digit] of digits.toReversed().entries()) {
    let value = digit
    for (let times = 0; times < index % 8; times += 1) value = permuted[value] ?? 0
    const [a, b] = [check, value]
    if (a < 5) check = b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)
    else check = b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 5) % 5
  }
  return check === 0
}

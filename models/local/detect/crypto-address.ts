import { createHash } from 'node:crypto'

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const bech32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

/** By its checksum where it has one; what begins with `0x` has its form alone. */
export function isCryptoAddress(value: string): boolean {
  if (value.startsWith('0x')) return !/^0x(.)\1+$/.test(value)
  return /^(?:bc|tb|ltc)1/.test(value) ? isBech32(value) : isBase58Check(value)
}

function isBase58Check(value: string): boolean {
  let rest = 0n
  for (const letter of value) rest = rest * 58n + BigInt(base58.indexOf(letter))
  const hex = rest.toString(16).padStart(50, '0')
  if (hex.length > 50) return false
  const bytes = Buffer.from(hex, 'hex')
  const hash = (of: Uint8Array) => createHash('sha256').update(of).digest()
  return hash(hash(bytes.subarray(0, 21)))
    .subarray(0, 4)
    .equals(bytes.subarray(21))
}

function isBech32(value: string): boolean {
  const split = value.lastIndexOf('1')
  const prefix = Array.from(value.slice(0, split), (letter) => letter.charCodeAt(0))
  const data = Array.from(value.slice(split + 1), (letter) => bech32.indexOf(letter))
  const check = polymod([...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data])
  return check === 1 || check === 0x2bc830a3
}

function polymod(values: readonly number[]): number {
  let check = 1
  for (const value of values) {
    const top = check >>> 25
    check = ((check & 0x1ffffff) << 5) ^ value
    for (const [bit, generator] of [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].entries()) {
      if (((top >>> bit) & 1) === 1) check ^= generator
    }
  }
  return check >>> 0
}

/** What text can give away of a person, and what opens a door for whoever has it. */
export const piiTypes = [
  'person',
  'address',
  'place',
  'email',
  'phone',
  'iban',
  'card',
  'bank_account',
  'us_ssn',
  'national_id',
  'passport',
  'driver_license',
  'license_plate',
  'date_of_birth',
  'postcode',
  'ip_address',
  'mac_address',
  'url_login',
  'crypto_address',
  'username',
  'secret',
] as const

export type PiiType = (typeof piiTypes)[number]

import { z } from 'zod'

export const signalName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'a signal is named in lower case, such as hard_words')

import { z } from 'zod'
import { defineSignal } from './signal.ts'

const roles = z.array(z.string().min(1).max(100)).min(1).max(100)

/** Whether the caller has the roles: one of `any`, each of `all`, and none of `none`. Roles come from the door, not from the client's word. */
export const role = defineSignal({
  value: 'true or false',
  is: "whether the caller has one of `any`, each of `all` and none of `none`. Roles come from the key or token, not from the client's word",
  options: {
    any: 'role names, one of which is enough',
    all: 'role names, each of which is needed',
    none: 'role names, none of which may be there',
  },
  schema: z
    .strictObject({ kind: z.literal('role'), any: roles.optional(), all: roles.optional(), none: roles.optional() })
    .refine(({ any, all, none }) => any !== undefined || all !== undefined || none !== undefined, { error: 'give any, all or none' }),
  create: (name, { any, all = [], none = [] }) => ({
    name,
    cost: 'read',
    type: 'bool',
    read({ roles: held }) {
      const has = (one: string) => held.includes(one)
      return { value: (any?.some(has) ?? true) && all.every(has) && !none.some(has), confidence: 1 }
    },
  }),
})

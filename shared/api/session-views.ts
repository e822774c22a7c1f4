import { z } from 'zod';

/** A browser that has shown the token. */
export const sessionViewSchema = z.object({
  id: z.string(),
  /** `tls`: the port of the network; `local`: that of this machine's own browsers. */
  listener: z.enum(['tls', 'local']),
  from: z.string(),
  /** What the browser calls itself. */
  agent: z.string(),
  since: z.number(),
  until: z.number(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

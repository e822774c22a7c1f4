import type { EventForm } from '../../../src-main/ports/event-store.ts';

/** What the stores are tried with: any event. */
export interface Happening {
  readonly e: string;
  readonly task?: string;
}

/** As it is. */
export const happenings: EventForm<Happening> = {
  kindOf: ({ e }) => e,
  encode: (event) => event,
  decode: (body) => body as Happening,
};

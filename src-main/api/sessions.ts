import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { sessionViewSchema, type SessionView } from '../../shared/api/session-views.ts';
import { plainText } from '../../shared/domain/plain-text.ts';
import { readIfThere, writePrivateFile } from '../platform/identity/private-file.ts';

/** A browser stays known for so long: a night. */
export const sessionLife = 12 * 3600 * 1000;
/** More browsers than anybody has; the oldest session is over for the next. */
const mostSessions = 1000;

/**
 * Browsers that were let in. The book is kept, so that they outlive a restart of the head; a session that is not in it is
 * over, and so are all when it cannot be read: they ask for the token again.
 */
export class Sessions {
  readonly #path: string | null;
  readonly #open = new Map<string, SessionView>();
  readonly #listeners: ((ids: readonly string[]) => void)[] = [];

  /** `path`: null where nothing is to be kept. */
  constructor(path: string | null) {
    this.#path = path;
    for (const session of path === null ? [] : kept(path)) this.#open.set(session.id, session);
  }

  begin(wish: Pick<SessionView, 'listener' | 'from' | 'agent'>, now = Date.now()): SessionView {
    const session: SessionView = {
      id: randomBytes(9).toString('base64url'),
      listener: wish.listener,
      from: wish.from,
      agent: plainText(wish.agent.slice(0, 200)),
      since: now,
      until: now + sessionLife,
    };
    for (const { id, until } of [...this.#open.values()])
      if (until <= now || this.#open.size >= mostSessions) this.#open.delete(id);
    this.#open.set(session.id, session);
    this.#save();
    return session;
  }

  isOpen(id: string, listener: SessionView['listener'], now = Date.now()): boolean {
    const session = this.#open.get(id);
    return session?.listener === listener && session.until > now;
  }

  list(now = Date.now()): SessionView[] {
    return [...this.#open.values()].filter(({ until }) => until > now);
  }

  /** Ends one, or all; which ones. */
  end(which: string): readonly string[] {
    const ids = which === 'all' ? [...this.#open.keys()] : this.#open.has(which) ? [which] : [];
    for (const id of ids) this.#open.delete(id);
    if (ids.length > 0) this.#save();
    for (const hear of this.#listeners) hear(ids);
    return ids;
  }

  /** Called with those that were ended, so that what is open by them is hung up on. */
  onEnded(listener: (ids: readonly string[]) => void): void {
    this.#listeners.push(listener);
  }

  #save(): void {
    if (this.#path === null) return;
    writePrivateFile(this.#path, `${JSON.stringify([...this.#open.values()])}\n`);
  }
}

/** Earlier heads called the field `door`; their sessions stay good. */
const stored = z.preprocess(
  (session) =>
    typeof session === 'object' && session !== null && 'door' in session
      ? { listener: Reflect.get(session, 'door'), ...session }
      : session,
  sessionViewSchema,
);

function kept(path: string): readonly SessionView[] {
  try {
    return z.array(stored).parse(JSON.parse(readIfThere(path) ?? '[]'));
  } catch {
    return [];
  }
}

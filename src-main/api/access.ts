import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { parseCookie, stringifySetCookie } from 'cookie';
import { readIfThere, writePrivateFile } from '../platform/identity/private-file.ts';
import type { SessionView } from '../../shared/api/session-views.ts';
import { sessionLife, Sessions } from './sessions.ts';

/** The TLS port, or the plain one for browsers of this very machine. */
export type SessionListener = SessionView['listener'];

export const listenerOf = ({ socket }: IncomingMessage): SessionListener =>
  socket instanceof TLSSocket ? 'tls' : 'local';

export type Caller = 'known' | 'unknown' | 'foreign-page';

/**
 * Who may use the API: whoever shows the head's token, or a cookie that a browser got for it. The cookie is signed
 * with the token and stands in the book of sessions, so it outlives a restart of the head, dies with the token, and can be
 * ended by itself.
 */
export class Access {
  readonly #token: string;
  /** Cookies know no ports: two heads on one machine need two names. */
  readonly #cookieName: string;
  /**
   * Name of this machine by which browsers on it have the UI. A browser sends a cookie of 127.0.0.1 to every port there, also to
   * that of another user's server; this name nobody else can guess, and its cookie goes nowhere else.
   */
  readonly localName: string;
  readonly sessions: Sessions;

  constructor(token: string, labId: string, sessions = new Sessions(null)) {
    this.sessions = sessions;
    this.#token = token;
    this.#cookieName = `nightshift-${labId}`;
    const secret = createHmac('sha256', token).update('local name').digest('hex').slice(0, 20);
    this.localName = `nightshift-${secret}.localhost`;
  }

  accepts(token: string): boolean {
    return this.#same(token, this.#token);
  }

  /** Pages of other sites cannot read our answers, but they could send; so a page must be our own. */
  callerOf(request: IncomingMessage): Caller {
    const { origin, host, authorization = '', cookie = '' } = request.headers;
    const bearer = /^Bearer (.+)$/i.exec(authorization)?.[1];
    if (bearer !== undefined && this.accepts(bearer.trim())) return 'known';
    const listener = listenerOf(request);
    if (listener === 'local' && host?.split(':')[0] !== this.localName) return 'unknown';
    if (this.#sessionIn(cookie, listener) === undefined) return 'unknown';
    if (origin !== undefined && hostOf(origin) !== host) return 'foreign-page';
    return 'known';
  }

  /** The session that a request comes with; undefined for one that shows the token itself. */
  sessionOf(request: IncomingMessage): string | undefined {
    return this.#sessionIn(request.headers.cookie ?? '', listenerOf(request));
  }

  /** Value of a Set-Cookie header, good by the listener it was got at and by no other. */
  sessionCookie(request: IncomingMessage): string {
    const listener = listenerOf(request);
    const { id } = this.sessions.begin({
      listener,
      from: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      agent: request.headers['user-agent'] ?? '',
    });
    return stringifySetCookie({
      name: this.#cookieName,
      value: `${id}.${this.#sign(id, listener)}`,
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      maxAge: sessionLife / 1000,
      // Not with TLS off: the loopback port is plain.
      secure: listener === 'tls',
    });
  }

  #sessionIn(cookies: string, listener: SessionListener): string | undefined {
    // One at a time: of two with one name the library takes the first, and whoever else has a page at this name may have set that.
    for (const pair of cookies.split(';')) {
      const [id = '', signature = ''] = (parseCookie(pair)[this.#cookieName] ?? '').split('.');
      if (this.#same(signature, this.#sign(id, listener)) && this.sessions.isOpen(id, listener))
        return id;
    }
    return undefined;
  }

  #sign(text: string, listener: SessionListener): string {
    return createHmac('sha256', this.#token).update(`session ${listener} ${text}`).digest('hex');
  }

  #same(a: string, b: string): boolean {
    // Of equal length, so that the comparison can take equal time.
    const digest = (text: string): Buffer =>
      createHmac('sha256', this.#token).update(text).digest();
    return timingSafeEqual(digest(a), digest(b));
  }
}

/** Reads the head's token, or makes it at first start. */
export function apiToken(path: string): string {
  const kept = readIfThere(path)?.trim();
  if (kept !== undefined && kept.length >= 32) return kept;
  const token = randomBytes(32).toString('hex');
  writePrivateFile(path, `${token}\n`);
  return token;
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

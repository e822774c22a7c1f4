import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lookup } from 'mrmime';
import type { RequestHandler } from '../platform/listener/router.ts';
import { listenerOf, type Access } from './access.ts';
import { pageHeaders, sendSentence } from './plain-answers.ts';

/**
 * The built UI. A page needs a session, which the address with the token gives; its scripts and pictures are the
 * same for everybody and need none.
 */
export function staticUi(folder: string, access: Access): RequestHandler {
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendSentence(response, 405, 'There is nothing to be sent to at this address.');
      return;
    }
    const [encodedPath = '/', query] = (request.url ?? '/').split('?', 2);
    const token = new URLSearchParams(query).get('token');
    if (token !== null) {
      greet(request, response, token);
      return;
    }
    const path = decodePath(encodedPath);
    const isPage = extname(path) === '' || path.endsWith('.html');
    if (isPage && access.callerOf(request) !== 'known') {
      sendSentence(
        response,
        401,
        'Open the address with a token in it: the head printed it when it started, and head.json in its home has it as browserUrl.',
      );
      return;
    }
    // Browsers ask for this of their own accord, such as for a sentence that is no page.
    if (path === '/favicon.ico') {
      await send(request, response, join(folder, 'moon.svg'), false);
      return;
    }
    // Addresses without an extension belong to the page's own navigation.
    await send(request, response, join(folder, isPage ? 'index.html' : path), isPage);
  };

  /** Swaps the token for a cookie and forgets the address. */
  function greet(request: IncomingMessage, response: ServerResponse, token: string): void {
    if (!access.accepts(token)) {
      sendSentence(
        response,
        403,
        'The token in this address is not the one of this head; take the address that this head printed when it started.',
      );
      return;
    }
    const listener = listenerOf(request);
    if (listener === 'local' && request.headers.host?.split(':')[0] !== access.localName) {
      const address = `http://${access.localName}:${request.socket.localPort}/?token=${token}`;
      response
        .writeHead(200, {
          ...pageHeaders,
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
        })
        .end(
          `<!doctype html><meta http-equiv="refresh" content="0;url=${address}"><title>Nightshift</title>` +
            '<p>If this page stays: this browser does not know names that end in .localhost; take Chromium, Edge or Firefox.\n',
        );
      return;
    }
    // No redirect: a browser that came from a link elsewhere would follow it without its new SameSite=Strict cookie.
    response
      .writeHead(200, {
        ...pageHeaders,
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'set-cookie': access.sessionCookie(request),
      })
      .end(
        '<!doctype html><meta http-equiv="refresh" content="0;url=./"><link rel="icon" href="./moon.svg"><title>Nightshift</title>\n',
      );
  }

  async function send(
    request: IncomingMessage,
    response: ServerResponse,
    file: string,
    isPage: boolean,
  ): Promise<void> {
    const inside = normalize(file).startsWith(folder + sep);
    const facts = inside ? await stat(file).catch(() => undefined) : undefined;
    if (!facts?.isFile()) {
      if (isPage) sendSentence(response, 503, 'The UI is not built; run `npm run build:ui` first.');
      else sendSentence(response, 404, 'There is no such file.');
      return;
    }
    response.writeHead(200, {
      ...pageHeaders,
      'content-type': typeOf(file),
      'content-length': facts.size,
      // Built files carry a hash in their names; pages have to be asked for anew.
      'cache-control': /-[\w-]{8}\.\w+$/.test(file) ? 'max-age=31536000, immutable' : 'no-cache',
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(createReadStream(file), response).catch(() => response.destroy());
  }
}

function typeOf(file: string): string {
  const type = lookup(extname(file)) ?? 'application/octet-stream';
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '/';
  }
}

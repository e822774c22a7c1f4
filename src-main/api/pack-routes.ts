import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { httpPaths } from '../../shared/api/http-paths.ts';
import type { Result } from '../../shared/base/result.ts';
import type { RequestHandler } from '../platform/listener/router.ts';
import { sendSentence } from './plain-answers.ts';

/** `GET /pack/<name>`: software packs for members, and for nobody else. `image` finds or makes the pack's file. */
export function packRoutes(image: (name: string) => Promise<Result<string>>): RequestHandler {
  return async (request, response, peer) => {
    if (peer.kind !== 'member') {
      sendSentence(response, 401, 'Software packs are for members; show a member certificate.');
      return;
    }
    if (request.method !== 'GET') {
      sendSentence(response, 405, 'Software packs are fetched by GET.');
      return;
    }
    const name = (request.url ?? '').split('?', 1)[0]?.slice(httpPaths.pack.length + 1) ?? '';
    if (!/^[a-z0-9][a-z0-9.+-]*$/.test(name)) {
      sendSentence(response, 404, `There is no software pack "${name}".`);
      return;
    }
    const found = await image(name);
    if (!found.ok) {
      sendSentence(response, found.error.code === 'not-found' ? 404 : 503, found.error.sentence);
      return;
    }
    const { size } = await stat(found.value);
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': size,
    });
    // Whoever goes away in the middle has had enough.
    await pipeline(createReadStream(found.value), response).catch(() => response.destroy());
  };
}

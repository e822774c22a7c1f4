import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { hashHeader, httpPaths } from '../../shared/api/http-paths.ts';
import type { Result } from '../../shared/base/result.ts';
import { DamagedBytes, verified } from '../../shared/domain/verified-bytes.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import type { PackImage } from '../platform/system-builder/pack-image.ts';
import type { RequestHandler } from '../platform/listener/router.ts';
import { sendSentence } from './plain-answers.ts';

/** `GET /pack/<name>`: software packs for members, and for nobody else. `image` finds or makes the pack's file. */
export function packRoutes(image: (name: string) => Promise<Result<PackImage>>): RequestHandler {
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
      sendSentence(
        response,
        found.error.kind === 'not-found' ? 404 : 503,
        refusalWords(found.error),
      );
      return;
    }
    const { path, folder, hash } = found.value;
    const { size } = await stat(path);
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': size,
      [hashHeader]: hash,
    });
    try {
      await pipeline(verified(hash, createReadStream(path), createHash('sha256')), response);
    } catch (error) {
      response.destroy(); // whoever goes away in the middle has had enough
      // The next one who asks has it made anew.
      if (error instanceof DamagedBytes) await rm(folder, { recursive: true, force: true });
    }
  };
}

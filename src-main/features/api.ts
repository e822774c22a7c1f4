// What people and programs reach: the contract, blobs and the UI, on the TLS port and on a port for browsers here.
import { ok } from '../../shared/base/result.ts';
import { HeadApi, type HeadApiParts } from '../api/head-api.ts';
import { LoopbackListener } from '../platform/listener/loopback-listener.ts';
import { Router } from '../platform/listener/router.ts';
import type { Feature, Routes } from './feature.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface ApiParts extends HeadApiParts {
  /** Of the TLS port. */
  readonly routes: Routes;
  readonly head: Whereabouts;
}

export interface OpenApi {
  /** The port for browsers on this machine, once it listens. */
  localPort(): number;
}

export function openApi(parts: ApiParts): Feature<OpenApi> {
  const { routes, head } = parts;
  const api = new HeadApi(parts);
  const local = new Router((line) => parts.log(line));
  api.mount(routes);
  api.mount(local);
  const loopback = new LoopbackListener(local);
  let localPort = 0;
  return {
    service: { localPort: () => localPort },
    listen: async () => {
      ({ port: localPort } = await loopback.listen(head.port() + 1));
      return ok(null);
    },
    // Says goodbye to everybody first of all, while there is still somebody to say it to.
    close: async () => {
      await api.close();
      await loopback.close();
    },
  };
}

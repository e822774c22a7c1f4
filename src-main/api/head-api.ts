import { httpPaths } from '../../shared/api/contract.ts';
import type { LabTimings } from '../../shared/domain/timings.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { BlobStore } from '../platform/blobs/blob-store.ts';
import type { RequestHandler, UpgradeHandler } from '../platform/listener/router.ts';
import type { Access } from './access.ts';
import { ApiSocket } from './api-socket.ts';
import { blobRoutes, type BlobHold } from './blob-routes.ts';
import { contractRouter } from './contract-router.ts';
import type { HeadServices } from './head-services.ts';
import { staticUi } from './static-ui.ts';
import { ChangeTicks } from './change-ticks.ts';
import { ViewFeed } from './view-feed.ts';

/** A listener's routes: the TLS port's and the loopback port's. */
export interface HttpListener {
  route(prefix: string, handler: RequestHandler): void;
  upgrade(path: string, handler: UpgradeHandler): void;
}

export interface HeadApiParts {
  readonly services: HeadServices;
  readonly access: Access;
  readonly blobs: BlobStore;
  readonly timings: LabTimings;
  readonly clock: Clock;
  /** The built UI. */
  readonly uiFolder: string;
  log(line: string): void;
}

/** All that people and programs reach: the contract, blobs, the UI. */
export class HeadApi {
  readonly #parts: HeadApiParts;
  readonly #socket: ApiSocket;

  constructor(parts: HeadApiParts) {
    this.#parts = parts;
    const ticks = new ChangeTicks(parts.services.lab, parts.clock);
    const feed = new ViewFeed(parts.services.lab, ticks);
    const router = contractRouter(parts.services, { feed, ticks }, parts.access.sessions);
    this.#socket = new ApiSocket(router, parts.access, (line) => parts.log(line));
  }

  mount(listener: HttpListener): void {
    const { access, uiFolder } = this.#parts;
    listener.upgrade(httpPaths.api, this.#socket.accept);
    const { lab } = this.#parts.services;
    const hold: BlobHold = (member, of, hash) => lab.holdBlob(member, of, hash);
    listener.route(httpPaths.blob, blobRoutes({ ...this.#parts, hold }));
    listener.route('/', staticUi(uiFolder, access));
  }

  /** Says goodbye to everybody. */
  close(): Promise<void> {
    return this.#socket.close();
  }
}

import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import { httpPaths, type Contract } from '../../shared/api/contract.ts';
import { labPictures } from '../../shared/api/lab-feed.ts';
import type { LabView } from '../../shared/api/views.ts';
import type { Disposable } from '../../shared/ports/clock.ts';

export type HeadClient = ContractRouterClient<Contract>;

export interface LabListener {
  /** `api` is good until the next picture or the end. */
  readonly onPicture: (view: LabView, api: HeadClient) => void;
  /** The head hung up or cannot be reached; it is tried again. */
  readonly onSilence: () => void;
}

/** Milliseconds until a head that hung up is tried again. */
const tryAgainAfter = 2000;

/**
 * The lab as everybody else sees it: over the API, on the plain port of this machine, whether the head is our own or one that
 * was joined. `browserUrl`: as `head.json` has it, with the token.
 */
export function watchLab(browserUrl: string, listener: LabListener): Disposable {
  const { port, searchParams } = new URL(browserUrl);
  const token = searchParams.get('token') ?? '';
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let socket: WebSocket | undefined;
  const open = (): void => {
    const headers = { authorization: `Bearer ${token}` };
    const opened = new WebSocket(`ws://127.0.0.1:${port}${httpPaths.api}`, { headers });
    socket = opened;
    // A failure is followed by its end.
    opened.on('error', () => undefined);
    opened.once('close', () => {
      if (isOver) return;
      listener.onSilence();
      timer = setTimeout(open, tryAgainAfter);
      timer.unref();
    });
    opened.once('open', () => {
      // Node's own type of a WebSocket and that of ws differ in what is not used here.
      const websocket = opened as unknown as globalThis.WebSocket;
      const api: HeadClient = createORPCClient(new RPCLink({ websocket }));
      void follow(api).catch(() => opened.terminate());
    });
  };
  const follow = async (api: HeadClient): Promise<void> => {
    for await (const view of labPictures(await api.lab.watch())) {
      if (isOver) return;
      listener.onPicture(view, api);
    }
  };
  open();
  return {
    dispose: () => {
      isOver = true;
      clearTimeout(timer);
      socket?.terminate();
    },
  };
}

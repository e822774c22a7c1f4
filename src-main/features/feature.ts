import type { Result } from '../../shared/base/result.ts';
import type { RequestHandler, UpgradeHandler } from '../platform/listener/router.ts';

/** Where a feature hangs its routes: the TLS port, or the port for browsers on this machine. */
export interface Routes {
  route(prefix: string, handler: RequestHandler): void;
  upgrade(path: string, handler: UpgradeHandler): void;
}

/**
 * One thing a head can do, put together from shells and platform. Features are opened one after the other, each with those it
 * needs; then all are started, then all let others in; they are closed in the opposite order.
 */
export interface Feature<Service> {
  /** What the API and other features see of it. */
  readonly service: Service;
  /** Begins its own work; nobody can reach the head yet. */
  start?(): void;
  /** From now on others come in. A refusal ends the start of the head. */
  listen?(): void | Promise<Result<unknown>>;
  close?(): void | Promise<void>;
}

import { createRouterClient, onError } from '@orpc/server';
import type { Clock } from '../shared/ports/clock.ts';
import { insistOnCaller } from '../src-main/api/caller.ts';
import { contractRouter } from '../src-main/api/contract-router.ts';
import { asRefusal } from '../src-main/api/refusal-error.ts';
import { ChangeTicks } from '../src-main/api/change-ticks.ts';
import { ViewFeed } from '../src-main/api/view-feed.ts';
import type { SimulatedLab } from './simulated-lab.ts';
import { SimulatedSurroundings } from './simulated-surroundings.ts';

/**
 * One head in memory: the real core, shells and contract router in front of simulated PCs. What a client sees of it is what
 * it sees of a real one; only time passes when told to (`lab.advance`).
 */
export class SimulatedHead {
  readonly lab: SimulatedLab;
  readonly around = new SimulatedSurroundings();
  /** What went wrong as a real head writes it into its log. */
  readonly logged: string[] = [];
  #ticks: ChangeTicks | undefined;
  #feed: ViewFeed | undefined;

  constructor(lab: SimulatedLab) {
    this.lab = lab;
  }

  /** As the head's API serves it. */
  router(): ReturnType<typeof contractRouter> {
    const services = this.around.servicesFor(this.lab);
    // One for all clients: whoever connects again goes on from the pictures of before.
    this.#ticks ??= new ChangeTicks(services.lab, unhurried);
    this.#feed ??= new ViewFeed(services.lab, this.#ticks);
    const feeds = { feed: this.#feed, ticks: this.#ticks };
    return contractRouter(services, feeds, this.around.browsers);
  }

  /** For a client in this very process. `onCall` is told each call: `jobs.get`. */
  client(onCall: (path: string, input: unknown) => void = () => undefined) {
    return createRouterClient(this.router(), {
      context: { caller: { isHere: true } },
      interceptors: [
        onError((error) => {
          throw asRefusal(error, (line) => this.logged.push(line));
        }),
        (call) => {
          onCall(call.path.join('.'), call.input);
          insistOnCaller(call);
          return call.next();
        },
      ],
    });
  }
}

/** The lab's own time stands still between two steps: whoever watches it is told at once. */
export const unhurried: Pick<Clock, 'after'> = {
  after: (_name, _delay, action) => {
    let isOver = false;
    void Promise.resolve().then(() => {
      if (!isOver) action();
    });
    return { dispose: () => void (isOver = true) };
  },
};

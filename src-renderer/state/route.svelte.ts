/** Where in the program one is; kept in the address so that it can be bookmarked and gone back from. */
export type Route =
  | { readonly view: 'lab' }
  | { readonly view: 'jobs' }
  | { readonly view: 'job'; readonly job: string; readonly task: string | null }
  | { readonly view: 'report' };

export function parseRoute(hash: string): Route {
  const [view, job, task] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  if (view === 'report') return { view };
  if (view !== 'jobs') return { view: 'lab' };
  return job ? { view: 'job', job, task: task ?? null } : { view: 'jobs' };
}

export function addressOf(route: Route): string {
  if (route.view !== 'job') return `#/${route.view}`;
  const parts = ['jobs', route.job, ...(route.task === null ? [] : [route.task])];
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', this.#onHash);
  }

  go(route: Route): void {
    location.hash = addressOf(route);
  }

  /** Without a step to go back to: the same place, another detail of it. */
  swap(route: Route): void {
    history.replaceState(null, '', addressOf(route));
    this.route = route;
  }

  dispose(): void {
    removeEventListener('hashchange', this.#onHash);
  }

  readonly #onHash = (): void => {
    this.route = parseRoute(location.hash);
  };
}

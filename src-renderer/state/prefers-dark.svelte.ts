import { createSubscriber } from 'svelte/reactivity';

const query = matchMedia('(prefers-color-scheme: dark)');
const listen = createSubscriber((update) => {
  query.addEventListener('change', update);
  return () => query.removeEventListener('change', update);
});

/** Whether the system asks for dark pages; whoever reads it is told when that changes. */
export function prefersDark(): boolean {
  listen();
  return query.matches;
}

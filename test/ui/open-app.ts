import { onTestFinished } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import App from '../../src-renderer/App.svelte';
import '../../src-renderer/app.css';
import { openApp } from '../../src-renderer/state/app.svelte.ts';
import { Now } from '../../src-renderer/state/now.svelte.ts';
import { scenes, type SceneName } from '../../src-sim/scenes/scenes.ts';
import type { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import { SimulatedBridge } from './simulated/simulated-bridge.ts';

/** The evening at which every simulated lab stands still. */
export const evening = Date.UTC(2026, 10, 21, 22, 30);

/** The whole app in front of a simulated head that stands still until the test advances it. */
export async function openLab(
  scene: SceneName,
  hash = '#/lab',
): Promise<{ bridge: SimulatedBridge; lab: SimulatedLab }> {
  history.replaceState(null, '', hash);
  localStorage.clear();
  const bridge = new SimulatedBridge(scenes[scene](evening));
  // The page itself, not a box in it: its height is the window's.
  await render(App, { target: document.body, props: { app: openApp(bridge, new Now(evening)) } });
  return { bridge, lab: bridge.lab };
}

/** Asks the page for the other scheme until the test is over. */
export function inDark(): void {
  document.documentElement.dataset['theme'] = 'dark';
  onTestFinished(() => {
    delete document.documentElement.dataset['theme'];
  });
}

export { page };

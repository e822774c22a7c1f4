// The renderer's root: chooses the head, opens the app.
import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import type { HeadBridge } from './bridge/head-bridge.ts';
import { WebSocketBridge } from './bridge/web-socket-bridge.ts';
import { openApp } from './state/app.svelte.ts';
import { Now } from './state/now.svelte.ts';

/** `npm run dev:ui` has no head: it shows a simulated one (`?scene=night|empty|practice|large`, `&still`). */
async function bridgeForDevelopment(page: URL): Promise<{ bridge: HeadBridge; now: Now }> {
  const [{ SimulatedBridge }, { scenes }] = await Promise.all([
    import('./bridge/simulated-bridge.ts'),
    import('./bridge/simulated-scenes.ts'),
  ]);
  const wanted = page.searchParams.get('scene') ?? 'night';
  const name = Object.keys(scenes).find((scene) => scene === wanted) as
    keyof typeof scenes | undefined;
  const still = page.searchParams.has('still');
  // A Saturday night at which every picture is taken.
  const at = still ? new Date(2026, 10, 21, 22, 30).getTime() : Date.now();
  const bridge = new SimulatedBridge(scenes[name ?? 'night'](at));
  if (!still) bridge.run();
  return { bridge, now: still ? new Now(at) : new Now() };
}

const page = new URL(location.href);
const { bridge, now } = import.meta.env.DEV
  ? await bridgeForDevelopment(page)
  : { bridge: new WebSocketBridge(page), now: new Now() };
mount(App, { target: document.body, props: { app: openApp(bridge, now) } });

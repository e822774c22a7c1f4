// `npm run dev:ui`: the app in front of a simulated head (`?scene=night|empty|practice|large`, `&still`).
import { mount } from 'svelte';
import App from '../../../src-renderer/App.svelte';
import '../../../src-renderer/app.css';
import { openApp } from '../../../src-renderer/state/app.svelte.ts';
import { Now } from '../../../src-renderer/state/now.svelte.ts';
import { SimulatedBridge } from './simulated-bridge.ts';
import { scenes, type SceneName } from '../../../src-sim/scenes/scenes.ts';

const { searchParams } = new URL(location.href);
const wanted = searchParams.get('scene') ?? 'night';
const isScene = (name: string): name is SceneName => Object.hasOwn(scenes, name);
const still = searchParams.has('still');
// A Saturday night at which every picture is taken.
const at = still ? new Date(2026, 10, 21, 22, 30).getTime() : Date.now();
/** Time in which pages that just opened get what they ask PCs for, such as output. */
const settling = 1600;
const bridge = new SimulatedBridge(scenes[isScene(wanted) ? wanted : 'night'](at - settling));
// Pictures are taken when time stands still.
bridge.run(still ? settling : Infinity, () => (document.documentElement.dataset['still'] = ''));
mount(App, {
  target: document.body,
  props: { app: openApp(bridge, still ? new Now(at) : new Now()) },
});

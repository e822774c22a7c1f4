import { createContext } from 'svelte';
import { speakOfButtons } from '../../shared/words/ways.ts';
import type { HeadBridge } from '../bridge/head-bridge.ts';
import { Commands } from './commands.svelte.ts';
import { HeadMirror } from './head-mirror.svelte.ts';
import { Now } from './now.svelte.ts';
import { Router } from './route.svelte.ts';
import { Theme } from './theme.svelte.ts';

/** What every component may read and call. */
export interface App {
  readonly bridge: HeadBridge;
  readonly head: HeadMirror;
  readonly commands: Commands;
  readonly now: Now;
  readonly router: Router;
  readonly theme: Theme;
  dispose(): void;
}

export function openApp(bridge: HeadBridge, now = new Now()): App {
  speakOfButtons();
  const head = new HeadMirror(bridge);
  const router = new Router();
  const stopTime = now.run();
  return {
    bridge,
    head,
    router,
    now,
    commands: new Commands(),
    theme: new Theme(),
    dispose() {
      head.dispose();
      router.dispose();
      stopTime();
    },
  };
}

export const [useApp, provideApp] = createContext<App>();

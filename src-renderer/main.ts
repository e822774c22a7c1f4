// The renderer's root: the app in front of the head that served this page. It knows no other lab.
import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { WebSocketBridge } from './bridge/web-socket-bridge.ts';
import { openApp } from './state/app.svelte.ts';

mount(App, {
  target: document.body,
  props: { app: openApp(new WebSocketBridge(new URL(location.href))) },
});

import type { Component } from 'svelte';

/** A line drawing of Lucide; it never speaks for itself, a word stands beside it. */
export type Icon = Component<{
  size?: number | string;
  strokeWidth?: number | string;
  'aria-hidden'?: 'true';
}>;

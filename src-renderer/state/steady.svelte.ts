import { untrack } from 'svelte';

/**
 * A value that is told on only when it is another. A derived one makes everything that reads it look whether it changed, each
 * time that what it is made of does: with a thousand PCs on a page the looking alone takes milliseconds. Belongs into a component.
 */
export class Steady<Value> {
  value: Value = $state.raw() as Value;

  constructor(of: () => Value) {
    this.value = untrack(of);
    $effect.pre(() => {
      const now = of();
      untrack(() => {
        if (now !== this.value) this.value = now;
      });
    });
  }
}

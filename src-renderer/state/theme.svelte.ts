export type ThemeChoice = 'system' | 'light' | 'dark';

const key = 'nightshift-theme';
const choices: readonly ThemeChoice[] = ['system', 'light', 'dark'];

/** Light, dark, or as the system says. The stylesheet follows `data-theme` on the page's root. */
export class Theme {
  choice = $state<ThemeChoice>(stored());

  constructor() {
    this.#apply();
  }

  next(): void {
    this.choice = choices[(choices.indexOf(this.choice) + 1) % choices.length] ?? 'system';
    try {
      localStorage.setItem(key, this.choice);
    } catch {
      // A browser that keeps nothing shows the choice until the page is left.
    }
    this.#apply();
  }

  #apply(): void {
    if (this.choice === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this.choice;
  }
}

function stored(): ThemeChoice {
  try {
    const kept = localStorage.getItem(key);
    return choices.find((choice) => choice === kept) ?? 'system';
  } catch {
    return 'system';
  }
}

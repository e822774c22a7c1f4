const key = 'nightshift-owner';

/** Who submitted last from this browser. */
export function rememberedOwner(): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

export function rememberOwner(owner: string): void {
  try {
    localStorage.setItem(key, owner);
  } catch {
    // Then it is asked for again.
  }
}

/** WebSocket close codes of the members' links (RFC 6455 §7.4.2: 4000–4999 are for private use). */
export const linkClosings = {
  /** The head has nothing more to say to this member. */
  done: 4000,
  /** A newer link of the same member is up. */
  replaced: 4001,
  /** After `refused`. */
  refused: 4002,
  /** A message was not understood. */
  notUnderstood: 4003,
} as const;

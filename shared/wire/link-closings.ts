/** WebSocket close codes (RFC 6455 §7.4: 4000–4999 are for private use, the lower ones have a meaning of their own). */
export const linkClosings = {
  /** To people's faces: the head was told to stop. */
  headStops: 1001,
  /** The head has nothing more to say to this member. */
  done: 4000,
  /** A newer link of the same member is up. */
  replaced: 4001,
  /** After `refused`. */
  refused: 4002,
  /** A message was not understood. */
  notUnderstood: 4003,
} as const;

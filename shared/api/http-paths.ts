/** HTTP beside the contract, same port: blobs stream. Bearer token for people, client certificate for members. */
export const httpPaths = {
  /** WebSocket of the contract. */
  api: '/api',
  /** `PUT /blob` body, as it is or as `holesType` (shared/node) → `{hash, size}`; `GET`/`HEAD /blob/<hash>`. 507 when the disk is full, 410 when it damaged the blob. */
  blob: '/blob',
  /** `GET /pack/<name>`: a software pack as a squashfs, for members; its SHA-256 is in the `hashHeader`. */
  pack: '/pack',
} as const;

/** Header of a member's `PUT` and `HEAD /blob`: the attempt that it is for, which holds the blob while it is alive. */
export const attemptHeader = 'nightshift-attempt';
/** Header of an answer: SHA-256 of its body, 64 hex digits. */
export const hashHeader = 'x-content-sha256';

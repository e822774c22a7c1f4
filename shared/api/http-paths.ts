/** HTTP beside the contract, same port: blobs stream. Bearer token for people, client certificate for members. */
export const httpPaths = {
  /** WebSocket of the contract. */
  api: '/api',
  /** `PUT /blob` body → `{hash, size}`; `GET`/`HEAD /blob/<hash>`. 507 when the disk is full. */
  blob: '/blob',
  /** `GET /pack/<name>`: a software pack as a squashfs, for members. */
  pack: '/pack',
} as const;

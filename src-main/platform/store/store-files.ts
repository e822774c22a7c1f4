/** SQLite's files of one store: itself, its write-ahead log, and the log's index. */
export const storeFiles = (path: string): readonly string[] => [path, `${path}-wal`, `${path}-shm`];

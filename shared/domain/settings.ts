/** Version of Nightshift, shown by every face and carried in the member system. */
export const nightshiftVersion = '0.1.0';
/** Port of the head's TLS listener: members, API and UI. */
export const defaultPort = 7411;
/** Memory that is set aside for a task that named none, in bytes. */
export const defaultTaskMemory = 256 * 1024 * 1024;

/** Where in its home a head's own program lies as it was compiled last. */
export const compiledFolder = 'compiled';

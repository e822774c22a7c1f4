// In a bundle's place of `FormData`, whose first mention makes Node load all of `fetch`: 14 MiB. Ours carry no files in forms,
// and the RPC library only asks whether what it was given is one.
export class FormData {}

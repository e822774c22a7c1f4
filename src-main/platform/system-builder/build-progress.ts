/** Where a build stands, fit to be shown as it is. */
export interface BuildProgress {
  /** What is being made, such as "member system". */
  readonly step: string;
  /** 0 to 1; absent while it cannot be told. */
  readonly fraction?: number;
  /** One short line about this moment. */
  readonly line: string;
}

export type OnProgress = (progress: BuildProgress) => void;

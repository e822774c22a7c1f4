declare const brand: unique symbol;

/** A nominal type over a plain value: `Brand<string, 'MemberId'>` cannot be mixed up with any other string. */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };

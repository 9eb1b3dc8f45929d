/** The path of the program `payglot` for this platform. Throws an `Error` that says what to do where there is none. */
export declare function path(): string

/** The version of this package and of the program. */
export declare const version: string

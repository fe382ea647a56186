// Why an exchange still differs from the recording, by its number.

export const reasons: ReadonlyMap<number, string> = new Map([])

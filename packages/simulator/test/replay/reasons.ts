// Why an exchange still differs from the recording, by its number.

export const reasons: ReadonlyMap<number, string> = new Map([
  [1342, 'The recorded node did not know yet that it had lost its quorum; ours knows at once.'],
])

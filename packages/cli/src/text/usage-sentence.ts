// Turns commander's messages about wrong arguments into sentences like those of other errors.

const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^unknown option '(.+?)'/, 'There is no option $1.'],
  [/^unknown command '(.+?)'/, 'There is no command $1.'],
  [/^option '(.+?)' argument missing/, 'The option $1 needs a value.'],
  [/^option '(.+?)' argument '(.*?)' is invalid\. /s, '$1 cannot be $2. '],
  [/^missing required argument '(.+?)'/, 'The argument <$1> is missing.'],
  [
    /^too many arguments for '(.+?)'. Expected (\d+) arguments? but got (\d+).*$/s,
    'Too many arguments for $1: expected $2, got $3. To choose machines, use --only NAME.',
  ],
]

/** Returns the message unchanged if it is not known. */
export function usageSentence(message: string): string {
  const text = message.replace(/^error: /, '')
  const [pattern = /^$/, sentence = ''] = SENTENCES.find(([known]) => known.test(text)) ?? []
  return text.replace(pattern, sentence)
}

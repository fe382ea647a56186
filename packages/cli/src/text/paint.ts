// Colour, where standard error is a terminal that wants it.
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

function inStyle(style: Style): (text: string) => string {
  // `styleText` itself looks at NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
  return (text) => (process.argv.includes('--no-color') ? text : styleText(style, text, { stream: process.stderr }))
}

export const paint = {
  dim: inStyle('dim'),
  bold: inStyle('bold'),
  red: inStyle('red'),
  green: inStyle('green'),
  yellow: inStyle('yellow'),
}

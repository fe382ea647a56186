// Characters above U+00FF in options: Perl writes them as UTF-8, warns, and reads them back byte by byte.

/** Returns true if Perl warns when it prints this text. */
export function isWide(text: string): boolean {
  return Array.from(text).some((character) => character > '\u00ff')
}

/** Returns the text after it is read back: each byte of its UTF-8 has become a character. */
export function readBack(text: string): string {
  return isWide(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

export const printWarning = (file: string, line: number): string =>
  `Wide character in print at /usr/share/perl5/PVE/${file} line ${line}.`

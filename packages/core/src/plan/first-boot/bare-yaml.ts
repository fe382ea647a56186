// Predicts how cloud-init (PyYAML) reads a text that Proxmox writes into a YAML document without quotes.

/** Patterns of PyYAML's `resolver.py` for what an unquoted text may become. */
const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/
const NULL = /^(?:~|null|Null|NULL|)$/
const INTEGER =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const TIMESTAMP = /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d.*)$/
const SPECIAL = /^(?:<<|=)$/

/** Returns true if the text is read as the same text. */
export function isText(text: string): boolean {
  const others = [BOOLEAN, NULL, INTEGER, FLOAT, TIMESTAMP, SPECIAL]
  return isOneScalar(text) && !others.some((pattern) => pattern.test(text))
}

/** Returns true if the text is unchanged after cloud-init converts the value to a string: `1001` is, `0x10` is not. */
export function isSameName(text: string): boolean {
  return isText(text) || /^(?:0|[1-9]\d*)$/.test(text) || /^\d{4}-\d\d-\d\d$/.test(text)
}

/** Returns true for a plain scalar in block context, from its first to its last character (YAML 1.1, 9.1.3). */
function isOneScalar(text: string): boolean {
  if (text !== text.trim() || /[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text)) return false
  if (/^[,[\]{}#&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text)) return false
  return !/:(?:\s|$)|\s#/.test(text)
}

// What becomes of a text that Proxmox writes into a YAML document without quotes, read as cloud-init reads it (PyYAML).

/** PyYAML's `resolver.py`: what a text without quotes may be, other than a text. */
const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/
const NULL = /^(?:~|null|Null|NULL|)$/
const INTEGER =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const TIMESTAMP = /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d.*)$/
const SPECIAL = /^(?:<<|=)$/

/** Whether the text means a text, and the same one. */
export function isText(text: string): boolean {
  const others = [BOOLEAN, NULL, INTEGER, FLOAT, TIMESTAMP, SPECIAL]
  return isOneScalar(text) && !others.some((pattern) => pattern.test(text))
}

/** Whether the text is the same once cloud-init has made a text of what was read: `1001` is, `0x10` is not. */
export function isSameName(text: string): boolean {
  return isText(text) || /^(?:0|[1-9]\d*)$/.test(text) || /^\d{4}-\d\d-\d\d$/.test(text)
}

/** A plain scalar in block context, from its first to its last character (YAML 1.1, 9.1.3). */
function isOneScalar(text: string): boolean {
  if (text !== text.trim() || /[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text)) return false
  if (/^[,[\]{}#&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text)) return false
  return !/:(?:\s|$)|\s#/.test(text)
}

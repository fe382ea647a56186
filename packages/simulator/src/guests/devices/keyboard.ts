// The key names that QEMU's `sendkey` accepts (`QKeyCode`).

const named = new Set(
  [
    'shift shift_r alt alt_r ctrl ctrl_r menu esc minus equal backspace tab bracket_left bracket_right ret semicolon',
    'apostrophe grave_accent backslash comma dot slash asterisk spc caps_lock num_lock scroll_lock kp_divide kp_multiply',
    'kp_subtract kp_add kp_enter kp_decimal sysrq less print home pgup pgdn end left up down right insert delete stop again',
    'props undo front copy open paste find cut lf help meta_l meta_r compose pause ro hiragana henkan yen katakanahiragana',
    'muhenkan kp_comma kp_equals power sleep wake audionext audioprev audiostop audioplay audiomute volumeup volumedown',
    'mediaselect mail calculator computer ac_home ac_back ac_forward ac_refresh ac_bookmarks lang1 lang2',
  ]
    .join(' ')
    .split(' '),
)

const byPattern = /^(?:[a-z0-9]|f(?:[1-9]|1\d|2[0-4])|kp_\d|0x[0-9a-f]+|<)$/

/** Returns true if all parts of a text such as `ctrl-alt-delete` are keys. */
export function areKeys(keys: string): boolean {
  return keys.split('-').every((key) => named.has(key) || byPattern.test(key))
}

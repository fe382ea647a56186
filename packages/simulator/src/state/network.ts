// Network cards in a configuration: `virtio=BC:24:11:00:00:01,bridge=vmbr0`.
import { fieldsOf } from './fields.ts'

const models =
  /^(?:e1000(?:-825(?:40em|44gc|45em)|e)?|i82551|i82557b|i82559er|ne2k_(?:isa|pci)|pcnet|rtl8139|virtio|vmxnet3)$/

/** Returns the fields by name. The model, which is a key in the text, becomes `model`, and its value `macaddr`. */
export function networkOf(text: string): ReadonlyMap<string, string> {
  const fields = fieldsOf(text, 'model')
  for (const [key, value] of fields) {
    if (!models.test(key)) continue
    fields.delete(key)
    fields.set('model', key).set('macaddr', value)
  }
  return fields
}

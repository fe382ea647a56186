// Formats what happens to images before machines are created: how their bytes arrive, and which templates are created.
import type { Plan, Step } from '@pve-provision/core'
import { bytesText, nameList } from '@pve-provision/core/text'

/** Returns one line for each image that has a running step. */
export function imageTexts({ steps }: Plan): readonly { readonly name: string; readonly text: string }[] {
  const running = steps.filter(({ action, problem }) => action === 'run' && problem === undefined)
  const byImage = Map.groupBy(
    running.flatMap((step) => ('image' in step ? [step] : [])),
    ({ image }) => image,
  )
  return [...byImage].map(([name, list]) => ({ name, text: textOf(list) }))
}

type ImageStep = Extract<Step, { readonly image: string }>

const WORDS: Readonly<Record<string, string>> = {
  pull: 'downloaded by Proxmox to',
  download: 'downloaded here',
  convert: 'converted here',
  upload: 'uploaded to',
  stream: 'streamed to',
  template: 'template on',
  build: 'on',
}

function textOf(steps: readonly ImageStep[]): string {
  const byKind = Map.groupBy(steps, ({ kind }) => kind)
  const order = Object.keys(WORDS)
  return [...byKind]
    .sort(([one], [other]) => order.indexOf(one) - order.indexOf(other))
    .map(([kind, list]) => {
      const places = [...new Set(list.flatMap((step) => ('at' in step ? [`${step.at.node}/${step.at.storage}`] : [])))]
      const bytes = Math.max(0, ...list.map((step) => ('sizeBytes' in step ? (step.sizeBytes ?? 0) : 0)))
      const size = bytes > 0 && kind !== 'template' ? `${bytesText(bytes)} ` : ''
      const [step] = list
      const how = step?.kind === 'build' ? `built from ${step.from}: ${step.does}, ` : size
      const word = step?.kind === 'download' && step.file !== undefined ? 'copied here' : (WORDS[kind] ?? kind)
      return `${how}${word}${places.length === 0 ? '' : ` ${nameList(places)}`}`
    })
    .join(', ')
}

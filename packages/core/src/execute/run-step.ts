// Kind → function: the only switch over the kinds of steps.
import { ProvisionError } from '../errors.ts'
import type { StepKind } from '../plan/step.ts'
import { convert } from './convert.ts'
import { create } from './create.ts'
import { destroy } from './destroy.ts'
import { download } from './download.ts'
import { pull } from './pull.ts'
import { removeVolume } from './remove-volume.ts'
import { seed } from './seed.ts'
import { start } from './start.ts'
import type { StepRunner } from './step-context.ts'
import { stream } from './stream.ts'
import { template } from './template.ts'
import { update } from './update.ts'
import { upload } from './upload.ts'
import { wait } from './wait.ts'

export type Runners = { readonly [Kind in StepKind]: StepRunner<Kind> }

export const RUNNERS: Runners = {
  resolve: async ({ image }) => {
    throw new ProvisionError('UNEXPECTED', `The digest of ${image} is known or is a problem; there is nothing to run.`)
  },
  download,
  convert,
  pull,
  upload,
  stream,
  template,
  seed,
  create,
  update,
  start,
  wait,
  destroy,
  'remove-volume': removeVolume,
}

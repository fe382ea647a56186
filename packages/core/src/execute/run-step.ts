// Maps each kind of step to its function. This is the only switch over step kinds.
import { ProvisionError } from '../errors.ts'
import type { StepKind } from '../plan/step.ts'
import type { StepRunner } from './step-context.ts'
import { adopt } from './steps/adopt.ts'
import { build } from './steps/build.ts'
import { convert } from './steps/convert.ts'
import { create } from './steps/create.ts'
import { destroy } from './steps/destroy.ts'
import { download } from './steps/download.ts'
import { move } from './steps/move.ts'
import { moveDisks } from './steps/move-disks.ts'
import { pull } from './steps/pull.ts'
import { removeDisks } from './steps/remove-disks.ts'
import { removeVolume } from './steps/remove-volume.ts'
import { rename } from './steps/rename.ts'
import { replace } from './steps/replace.ts'
import { restart } from './steps/restart.ts'
import { seed } from './steps/seed.ts'
import { start } from './steps/start.ts'
import { stream } from './steps/stream.ts'
import { template } from './steps/template.ts'
import { update } from './steps/update.ts'
import { upload } from './steps/upload.ts'
import { wait } from './steps/wait.ts'

export type Runners = { readonly [Kind in StepKind]: StepRunner<Kind> }

export const RUNNERS: Runners = {
  resolve: async ({ image }) => {
    throw new ProvisionError('UNEXPECTED', `The digest of ${image} needs no step.`)
  },
  download,
  convert,
  pull,
  upload,
  stream,
  template,
  build,
  seed,
  create,
  update,
  start,
  wait,
  destroy,
  adopt,
  rename,
  replace,
  restart,
  move,
  'move-disks': moveDisks,
  'remove-disks': removeDisks,
  'remove-volume': removeVolume,
}

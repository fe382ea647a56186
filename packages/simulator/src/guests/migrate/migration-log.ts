// Lines of a migration's log begin with the time (pve-guest-common `AbstractMigrate.pm:log`).
import type { TaskContext } from '../../tasks/tasks.ts'
import type { World } from '../../world.ts'

export interface MigrationLog {
  info(line: string): void
  error(line: string): void
}

export function migrationLog({ clock }: World, task: TaskContext): MigrationLog {
  const now = (): string => new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ')
  return {
    info: (line) => task.log(`${now()} ${line}`),
    error: (line) => task.log(`${now()} ERROR: ${line}`),
  }
}

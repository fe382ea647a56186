// Describes a recipe: as hex digits for names and markers, and in words for people.
import type { Build } from '../../manifest/build-recipe.ts'
import type { BuiltImage } from '../../manifest/manifest.ts'
import { passwordHash } from '../first-boot/password-hash.ts'
import { hash16 } from '../names.ts'

/** Changes when the same recipe is carried out in another way, and so gives another image. */
const PROCEDURE = 1

/**
 * Returns 16 hex digits over everything that decides what is built. A secret is replaced by its fingerprint, which is slow to
 * compute and short, because everyone who may list guests can read the digits.
 */
export function recipeHash({ build, secrets = [] }: BuiltImage, project: string): string {
  const { packages, run, files, userData, diskBytes } = build
  // The longest first, because one secret may be part of another.
  const inOrder = secrets.toSorted((one, other) => other.length - one.length)
  const bare = (text: string) =>
    inOrder.reduce((rest, secret) => rest.replaceAll(secret, () => `secret ${passwordHash(secret, project)}`), text)
  const recipe = [
    PROCEDURE,
    packages,
    run.map(bare),
    files.map(({ path, content, mode, owner }) => [path, bare(content), mode, owner ?? null]),
    userData === undefined ? null : bare(userData),
    diskBytes ?? null,
  ]
  return hash16(JSON.stringify(recipe))
}

/** Returns what the recipe does, as clauses: `installs 2 packages, runs 1 command`. */
export function recipeText({ packages, run, files, userData, diskBytes }: Build): string {
  const clauses = [
    ...counted('installs', packages.length, 'package'),
    ...counted('writes', files.length, 'file'),
    ...(userData === undefined ? [] : ['runs your own user-data']),
    ...counted('runs', run.length, 'command'),
    ...(diskBytes === undefined ? [] : ['grows the disk']),
  ]
  return clauses.length === 0 ? 'installs the guest agent' : clauses.join(', ')
}

function counted(verb: string, count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${verb} ${count} ${what}${count === 1 ? '' : 's'}`]
}

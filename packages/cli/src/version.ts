// The version of this package, inserted when it is bundled.
import manifest from '../package.json' with { type: 'json' }

export const VERSION: string = manifest.version

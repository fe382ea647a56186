import { i as resolveFile, n as lockedFileUrl, r as pinFile, t as forgetFile } from "./file-image.js";

export { resolveFile };
import { n as wrongLength, t as lookAtImage } from "./look-at-image.js";

export { lookAtImage };
import { t as lookInside } from "./look-inside2.js";

export { lookInside };
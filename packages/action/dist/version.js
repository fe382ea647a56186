// package.json
var version = "0.0.0";

// src/version.ts
const VERSION = version;

export { VERSION as t };
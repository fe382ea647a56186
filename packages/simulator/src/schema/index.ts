// The public exports of the request rules.
export { type CheckedRequest, checkParameters, type ParameterRequest } from './check-parameters.ts'
export type { Errors, ParameterValue } from './check-value.ts'
export { findRoute, type Route } from './find-route.ts'
export { parsePropertyString } from './property-string.ts'
export { type MethodRule, methodRules, type PropertyRule, type PropertyRules, type ProxmoxVersion } from './rules.ts'

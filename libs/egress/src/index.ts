export type { NetworkRules, Rewrite, Route } from './network-rules.ts';
export { networkRules, routeOf } from './network-rules.ts';
export { isPublicAddress } from './public-address.ts';

export type { NetworkRules, Rewrite, Route } from './network-rules.ts';
export { networkRules, routeOf } from './network-rules.ts';
export type { HostRoute } from './host-route.ts';
export { routeOfHost, withRewriteTargets } from './host-route.ts';
export { isPublicAddress } from './public-address.ts';
export type { Lookup } from './guarded-lookup.ts';
export { AddressRefused } from './guarded-lookup.ts';
export { guardedConnect } from './guarded-connect.ts';

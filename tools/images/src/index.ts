export type { Program, StandIn } from './stand-in.ts';

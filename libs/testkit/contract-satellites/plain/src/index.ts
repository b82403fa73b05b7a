export { default } from '../../behaviours.ts';

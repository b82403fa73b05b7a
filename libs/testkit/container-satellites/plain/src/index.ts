export { default } from '../../../contract-satellites/behaviours.ts';

export { jsonpath } from './jsonpath.ts';

import { takeConsole, takeRejections } from './current-log.ts';
import { takeFetch } from './network/guarded-fetch.ts';
import { takeOutput } from './own-output.ts';

/*
 * Takes standard output, `console` and `fetch` when it is imported: before any code of the satellite's author runs, and before a library
 * of theirs keeps a reference to one of them.
 */

export const output = takeOutput();
takeConsole();
takeRejections();
takeFetch();

import { faultsSuite } from './faults-suite.ts';

/** Each function meets a third of the faults, and each fault a third of the functions. `npm run test:full` tests all of them. */
faultsSuite((fault, entry) => fault % 3 === entry % 3);

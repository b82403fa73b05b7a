import { serve } from '../index.ts';

serve(() => Promise.resolve({ default: { run: 'is no function' } }));

import { serve } from '../index.ts';

serve(() => import('./fixture-satellite.ts').then(({ satellite }) => ({ default: satellite })));

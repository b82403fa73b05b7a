import { defineSatellite } from '@exosphere/satellite';

export default defineSatellite<{ readonly count: number }>({
  run: ({ config }) => Array.from({ length: config.count }, (_, n) => ({ n })),
});

import { defineSatellite } from '@exosphere/satellite';

export default defineSatellite({
  run: ({ input }, { log }) => {
    const { n } = input as { readonly n?: number }; // the schema of the manifest says so
    log.info('hands the number on', { n: n ?? 0 });
    return [{ n: n ?? 0 }];
  },
});

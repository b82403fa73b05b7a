import { defineSatellite } from '@exosphere/satellite';

export default defineSatellite({
  run: ({ input }) => {
    const { n } = input as { readonly n?: number }; // the schema of the manifest says so
    return [{ n: n ?? 0 }];
  },
});

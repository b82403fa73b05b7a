import type * as promised from '@exosphere/satellite';
import { expectTypeOf, it } from 'vitest';
import type * as given from './contract.ts';

it('the guest gives satellites what their authors are promised', () => {
  expectTypeOf<given.SatelliteContext>().toExtend<promised.SatelliteContext>();
  expectTypeOf<given.SatelliteFiles>().toExtend<promised.SatelliteFiles>();
  expectTypeOf<promised.FileContent>().toEqualTypeOf<given.FileContent>();
  expectTypeOf<promised.FileValue>().toEqualTypeOf<given.FileValue>();
  expectTypeOf<keyof promised.SatelliteContext>().toEqualTypeOf<keyof given.SatelliteContext>();
  expectTypeOf<keyof promised.SatelliteRequest>().toEqualTypeOf<keyof given.SatelliteRequest>();
  expectTypeOf<keyof promised.Satellite>().toEqualTypeOf<keyof given.Satellite>();
});

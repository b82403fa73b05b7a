import { defineSatellite } from '@exosphere/satellite';
import { connectS3, fileNameOf, uriOf } from '@exosphere/satellite-s3';
import type { MoveConfig } from './move-config.ts';
import { usesOneStorage } from './move-config.ts';
import { moveObject } from './move-object.ts';

export default defineSatellite<MoveConfig>({
  async run({ config, secrets }, context) {
    const origin = { bucket: config['origin-bucket'], key: config['origin-file-path'] };
    const destination = { bucket: config['destination-bucket'], key: config['destination-file-path'] };
    const at = (end: 'origin' | 'destination') => ({ region: config[`${end}-region`], endpoint: config[`${end}-endpoint`] });
    await moveObject({
      from: { client: connectS3(context, at('origin'), secrets, 'ORIGIN_'), object: origin },
      to: { client: connectS3(context, at('destination'), secrets, 'DESTINATION_'), object: destination },
      oneStorage: usesOneStorage(config, secrets),
      context,
    });
    return [
      {
        bucket: destination.bucket,
        'file-name': fileNameOf(destination.key),
        'file-path': destination.key,
        'file-uri': uriOf(destination),
        'origin-file-uri': uriOf(origin),
      },
    ];
  },
});

import { defineSatellite } from '@exosphere/satellite';
import type { S3Location } from '@exosphere/satellite-s3';
import { connectS3, uriOf } from '@exosphere/satellite-s3';

interface Config extends S3Location {
  readonly bucket: string;
  readonly 'file-path': string;
}

export default defineSatellite<Config>({
  async run({ config, secrets }, context) {
    const object = { bucket: config.bucket, key: config['file-path'] };
    await connectS3(context, config, secrets).remove(object);
    return [{ bucket: object.bucket, 'file-path': object.key, 'file-uri': uriOf(object) }];
  },
});

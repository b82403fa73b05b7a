import type { SatelliteContext } from '@exosphere/satellite';
import { defineSatellite } from '@exosphere/satellite';
import type { S3Client, S3Entry, S3Location } from '@exosphere/satellite-s3';
import { connectS3, fileNameOf, uriOf } from '@exosphere/satellite-s3';
import { mapAhead } from './map-ahead.ts';
import { listingOf, wants } from './selection.ts';
import type { Selection } from './selection.ts';

interface Config extends Selection, S3Location {
  readonly bucket: string;
}

/** Downloads that are under way at a time. */
const downloads = 4;

export default defineSatellite<Config>({
  async run({ config, secrets }, context) {
    const client = connectS3(context, config, secrets);
    const startAfter = context.resume?.lastKey ?? null;
    let count = 0;
    for await (const page of client.list(config.bucket, { ...listingOf(config), startAfter })) {
      const wanted = page.entries.filter(({ key }) => wants(config, key));
      for await (const file of mapAhead(wanted, downloads, (entry) => fetchFile(client, config.bucket, entry, context))) {
        if (file === null) continue;
        await context.emit([file]);
        count += 1;
      }
    }
    context.log.info(`${count} files in ${uriOf({ bucket: config.bucket })}`, { prefix: config.prefix ?? '', startAfter });
  },
});

/** Puts one object into the blob store. Null: it has been deleted since it was listed. */
async function fetchFile(client: S3Client, bucket: string, { key, etag }: S3Entry, context: SatelliteContext): Promise<object | null> {
  const found = await client.get({ bucket, key });
  if (found === null) {
    context.log.warn(`${uriOf({ bucket, key })} was listed but is gone`, { key });
    return null;
  }
  const name = fileNameOf(key);
  const file = await context.files.write(name, found.info.contentType, found.body);
  return { file, 'file-name': name, 'file-path': key, 'file-uri': uriOf({ bucket, key }), size: file.size, etag: found.info.etag || etag };
}

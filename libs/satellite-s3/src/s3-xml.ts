/** One object of a listing. */
export interface S3Entry {
  readonly key: string;
  readonly size: number;
  /** Without its quotes. */
  readonly etag: string;
  /** ISO 8601. */
  readonly lastModified: string;
}

export interface S3Page {
  readonly entries: readonly S3Entry[];
  /** Null: this was the last page. */
  readonly next: string | null;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** The text of the first `<name>` element, or null. S3's answers are flat lists of elements without attributes that matter here. */
export function elementText(xml: string, name: string): string | null {
  const found = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(xml);
  return found?.[1] === undefined ? null : unescapeXml(found[1]);
}

/** Reads the answer of ListObjectsV2. Null: this is no such answer. */
export function readPage(xml: string): S3Page | null {
  if (!xml.includes('<ListBucketResult')) return null;
  const decode = elementText(xml, 'EncodingType') === 'url' ? decodeKey : (key: string): string => key;
  const entries = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, content = '']) => ({
    key: decode(elementText(content, 'Key') ?? ''),
    size: Number(elementText(content, 'Size')),
    etag: (elementText(content, 'ETag') ?? '').replaceAll('"', ''),
    lastModified: elementText(content, 'LastModified') ?? '',
  }));
  const truncated = elementText(xml, 'IsTruncated') === 'true';
  return { entries, next: truncated ? elementText(xml, 'NextContinuationToken') : null };
}

function unescapeXml(escaped: string): string {
  return escaped.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name ?? ''] ?? whole;
  });
}

function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

import { describe, expect, it } from 'vitest';
import { elementText, readPage } from './s3-xml.ts';

function listing(inner: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;
}

function contents(key: string): string {
  return `<Contents><Key>${key}</Key><LastModified>2025-01-31T10:00:00.000Z</LastModified><ETag>&quot;abc&quot;</ETag><Size>12</Size></Contents>`;
}

describe('a listing', () => {
  it('is read with size, tag and time', () => {
    expect(readPage(listing(contents('a/b.pdf')))).toEqual({
      entries: [{ key: 'a/b.pdf', size: 12, etag: 'abc', lastModified: '2025-01-31T10:00:00.000Z' }],
      next: null,
    });
  });

  it('is empty without objects', () => {
    expect(readPage(listing('<IsTruncated>false</IsTruncated>'))).toEqual({ entries: [], next: null });
  });

  it('says where the next page begins', () => {
    const more = '<IsTruncated>true</IsTruncated><NextContinuationToken>1/ab==&amp;</NextContinuationToken>';
    expect(readPage(listing(more))?.next).toBe('1/ab==&');
  });

  it.each([
    ['entities', 'a &amp; b &lt;c&gt; &#65;&#x1F600;', 'a & b <c> A😀'],
    ['text that looks encoded', '100%25 a+b', '100%25 a+b'],
    ['line ends', 'a\nb', 'a\nb'],
  ])('reads keys with %s', (_, written, key) => {
    expect(readPage(listing(contents(written)))?.entries[0]?.key).toBe(key);
  });

  it('decodes keys only where the storage says that it encoded them', () => {
    const page = readPage(listing(`<EncodingType>url</EncodingType>${contents('a+b%2Bc%01%C3%BC')}`));
    expect(page?.entries[0]?.key).toBe('a b+c\u0001ü');
  });

  it('is told from other answers', () => {
    expect(readPage('<html>It works!</html>')).toBeNull();
  });
});

describe('an error', () => {
  it('is read by its elements', () => {
    const xml = '<Error><Code>NoSuchBucket</Code><Message>The &quot;bucket&quot;</Message></Error>';
    expect([elementText(xml, 'Code'), elementText(xml, 'Message'), elementText(xml, 'Resource')]).toEqual([
      'NoSuchBucket',
      'The "bucket"',
      null,
    ]);
  });
});

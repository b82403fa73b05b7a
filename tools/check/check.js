// Plain JavaScript, so that an older Node can say what is missing instead of failing on the first type.
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  console.error(
    `This is Node ${process.versions.node}, and Exosphere needs Node 24 or newer. On Linux (x64, arm64) \`npm ci\` brings it: run this ` +
      'through npm (`npm run check`, `npm test`). Elsewhere install Node 24 from https://nodejs.org/.',
  );
  process.exit(1);
}
await import('./src/main.ts');

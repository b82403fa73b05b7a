/** A version of a satellite, as 1.0.0 or 2.0.0-beta.1 ({@link https://semver.org}). A pattern of JSON Schema. */
export const versionPattern = '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$';

// The classes live in the CommonJS modules, so that both kinds of import share them.
import lib from './index.cjs'

export * from './generated/exports.mjs'
export const {
  FilePath,
  Intent,
  Journal,
  Page,
  PagePromise,
  RawResponse,
  redact,
  sign,
  signedFetch,
  version,
  webhooks,
} = lib

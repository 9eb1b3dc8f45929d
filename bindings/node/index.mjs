// The classes live in the CommonJS modules, so that both kinds of import share them.
import lib from './index.cjs'

export * from './generated/exports.mjs'
export const {
  Batch,
  Event,
  EventStream,
  FilePath,
  Intent,
  Journal,
  Page,
  PagePromise,
  RawResponse,
  reconcile,
  redact,
  requestIdOf,
  sign,
  signedFetch,
  version,
  webhooks,
} = lib

export * from './generated/exports.cjs'
export {
  type CallOptions,
  type ClientOptions,
  type LogFields,
  type Logger,
  type Money,
  Page,
  PagePromise,
  type QueryValue,
  RawResponse,
  type RequestOptions,
  sign,
  signedFetch,
  type SignedFetchOptions,
  type SignInput,
  type ValidationDetail,
  type ValidationDetails,
  version,
} from './lib/types.cjs'
export * as webhooks from './generated/webhooks.cjs'

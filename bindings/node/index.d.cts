export * from './generated/exports.cjs'
export {
  type CallOptions,
  type ClientOptions,
  type Money,
  Page,
  PagePromise,
  type QueryValue,
  RawResponse,
  type RequestOptions,
  sign,
  type SignInput,
  version,
} from './lib/types.cjs'

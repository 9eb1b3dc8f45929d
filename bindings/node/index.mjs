// The classes live in the CommonJS modules, so that both kinds of import share them.
import lib from './lib/public.cjs'

export * from './generated/exports.mjs'
export const { Page, PagePromise, RawResponse, sign, version } = lib
export { default as webhooks } from './generated/webhooks.cjs'

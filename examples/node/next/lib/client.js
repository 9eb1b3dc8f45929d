// The client of this process. It is made by the first request, because `next build` reads this file too, without keys.

import { InvalidRequestError, NotFoundError, PayglotError, PaywintPlatform } from 'payglot'

let made

export const client = () => (made ??= new PaywintPlatform())

/** A route whose errors say whether it may have happened all the same: only where it has not, a caller may try again. */
export const route = (handler) => async (request, context) => {
  try {
    return await handler(request, context)
  } catch (error) {
    if (!(error instanceof PayglotError)) throw error
    const status = error instanceof NotFoundError ? 404 : error instanceof InvalidRequestError ? 422 : 502
    return Response.json({ error: error.message, may_have_happened: error.mayHaveHappened }, { status })
  }
}

import { client, route } from '../../../../lib/client.js'

export const GET = route(async (_request, { params }) => {
  const { userId } = await params
  return Response.json(await client().wallets.get(userId))
})

import { Linora } from 'payglot'

export const dynamic = 'force-dynamic'

export async function GET() {
  const client = new Linora({ apiKey: 'key', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 })
  const error = await client.users.get('1').catch((reason) => reason)
  return new Response(error.name)
}

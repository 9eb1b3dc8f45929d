// The client that @hey-api/openapi-ts made, with the one thing that it cannot know: how to sign.

import { createHash, createHmac } from 'node:crypto'

import generated from './built/client.gen.js'

const auth = JSON.parse(process.env.PAYGLOT_AUTH)
const credentials = Object.fromEntries(
  Object.entries(auth.credentials).map(([name, variable]) => [name, process.env[variable]]),
)
export const { client } = generated
export const BASE_URL = process.env.PAYWINT_BASE_URL
export const USER = process.env.SANDBOX_USER_ID

client.setConfig({ baseUrl: BASE_URL, throwOnError: true })

client.interceptors.request.use(async (request) => {
  const { pathname, search } = new URL(request.url)
  const body = Buffer.from(await request.clone().arrayBuffer())
  const known = { method: request.method, path: pathname, query: search }
  known['body-hash'] = createHash('sha256').update(body).digest('hex')
  const text = auth.canonical.map((part) => known[part] ?? part.literal).join(auth.separator)
  const values = { ...credentials }
  values.signature = createHmac('sha256', credentials[auth.key]).update(text).digest(auth.encoding)
  for (const [name, template] of Object.entries(auth.headers)) {
    request.headers.set(
      name,
      template.replace(/\{(\w+)}/g, (_, value) => values[value]),
    )
  }
  return request
})

/** What happens outside of the API. */
export async function outside(path, body) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${process.env.PAYGLOT_SANDBOX_TOKEN}` }
  const response = await fetch(`${BASE_URL}/_sandbox/api/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  if (!response.ok) {
    throw new Error(`${path}: ${response.status}`)
  }
}

/** What a person does in a browser. */
export async function submit(page) {
  const form = new URLSearchParams({
    cardholder_name: 'Jordan Rivera',
    card_number: '4000 0000 0000 0002',
    expiry: '12/40',
    cvv: '123',
    address: '100 Main Street',
    postal_code: '78701',
    country: 'US',
  })
  return (await fetch(page, { method: 'POST', body: form })).status
}

'use strict'
// A destination whose performBatch does everything that one can do; its twin stands in ../batch_destination.py.
const path = require('node:path')

const core = path.dirname(require.resolve('@segment/actions-core'))
const fetchModule = require(path.join(core, 'fetch.js'))
const errors = require('@segment/actions-core')
const {
  ActionDestinationErrorResponse, ActionDestinationSuccessResponse, Destination, HTTPError, MultiStatusResponse
} = errors // prettier-ignore
const FIELDS = require('./batch_fields.json')

const URL = 'https://partner.test/batch'

const seen = (data) => ({
  payload: data.payload,
  events: data.rawData.map((event) => event?.messageId ?? null),
  settings: data.settings.region,
  personas: data.personasContext ?? null,
  audience: data.audienceSettings === undefined ? {} : data.audienceSettings,
  membership: data.audienceMembership.map((one) => one ?? null)
})

const send = (request, data, options) => request(URL, { method: 'post', json: seen(data), ...options })

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)

const first = (data) => data.payload[0]?.node ?? {}

const PERFORMS = {
  answer: (request, data) => send(request, data, { throwHttpErrors: false }),
  strict: (request, data) => send(request, data),
  caught: async (request, data) => {
    try {
      return await send(request, data)
    } catch (error) {
      if (error instanceof HTTPError) return error
      throw error
    }
  },
  both: (request, data) => Promise.all([send(request, data), send(request, data)]),
  bare: (request, data) => send(request, data, { throwHttpErrors: false }),
  other: (_request, data) => first(data).value,
  throws: (_request, data) => {
    const { error, message, code, status } = first(data)
    if (error === 'integration') throw new errors.IntegrationError(message, code, status)
    if (error === 'payload') throw new errors.PayloadValidationError(message)
    if (error === 'retryable') throw new errors.RetryableError(message)
    if (error === 'authentication') throw new errors.InvalidAuthenticationError(message)
    throw new errors.APIError(message, status)
  },
  multi: (_request, data) => {
    const answer = new MultiStatusResponse()
    data.payload.forEach(({ node = {} }, index) => {
      const { how, kind } = node
      const at = [0, 1, 2, 3, 4].includes(node.at) ? node.at : index
      const given = isObject(node.data) ? node.data : {}
      const make = kind === 'error' ? ActionDestinationErrorResponse : ActionDestinationSuccessResponse
      if (how === 'push' && kind === 'error') answer.pushErrorResponse(given)
      else if (how === 'push') answer.pushSuccessResponse(given)
      else if (how === 'object') answer.pushResponseObject(new make(given))
      else if (how === 'put') answer.pushResponseObjectAtIndex(at, new make(given))
      else if (how === 'set' && kind === 'error') answer.setErrorResponseAtIndex(at, given)
      else if (how === 'set') answer.setSuccessResponseAtIndex(at, given)
      else if (how === 'node' && kind === 'error') answer.setErrorResponseAtIndex(at, new make(given))
      else if (how === 'node') answer.setSuccessResponseAtIndex(at, new make(given))
      else if (how === 'unset') answer.unsetResponseAtIndex(at)
      else if (how === 'junk') answer.pushResponseObject(node.data)
      else if (how === 'asked') {
        const told = [answer.isSuccessResponseAtIndex(at), answer.isErrorResponseAtIndex(at), answer.length()]
        answer.setSuccessResponseAtIndex(index, { status: 200, sent: told, body: {} })
      }
    })
    return answer
  }
}

const action = (name) => ({
  title: name,
  description: '',
  fields: name === 'bare' ? {} : FIELDS,
  perform: () => undefined,
  performBatch: PERFORMS[name]
})

const destination = new Destination({
  name: 'Batch Test',
  mode: 'cloud',
  authentication: {
    scheme: 'custom',
    fields: { region: { label: 'Region', description: '', type: 'string', required: true } }
  },
  extendRequest: ({ settings }) => ({ headers: { 'x-region': settings.region } }),
  actions: Object.fromEntries([...Object.keys(PERFORMS), 'single'].map((name) => [name, action(name)]))
})

exports.OPS = {
  'destination.on_batch': async ({ events, settings, subscriptions, answer }) => {
    const sent = []
    const usual = fetchModule.default
    fetchModule.default = async (request) => {
      const text = await request.clone().text()
      sent.push({
        method: request.method,
        url: request.url,
        headers: Object.fromEntries(request.headers.entries()),
        body: JSON.parse(text)
      })
      const headers = { 'content-type': answer.type }
      return new fetchModule.Response(answer.body, { status: answer.status, statusText: answer.text, headers })
    }
    try {
      const results = await destination.onBatch(events, { ...settings, subscriptions })
      destination.responses = []
      return { requests: sent, results }
    } finally {
      fetchModule.default = usual
    }
  }
}

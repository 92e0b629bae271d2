'use strict'
// Answers JSON lines on standard input with what Segment's runtime does; see ../README.md.
//   in   {"id", "op", "args"}
//   out  {"id", "ok"} | {"id", "undefined": true} | {"id", "error", "errors"?, "engine"?}
process.env.TZ = 'UTC'
console.log = console.warn = console.info = () => {} // standard output is for answers alone

const path = require('node:path')

// The package's `exports` name only some of its modules: the others are loaded by file, beside its entry.
const core = path.dirname(require.resolve('@segment/actions-core'))
const fetchModule = require(path.join(core, 'fetch.js'))
const { removeEmptyValues } = require(path.join(core, 'remove-empty-values.js'))
const { Destination, fieldsToJsonSchema, transform, validateSchema } = require('@segment/actions-core')
const { parseFql, generateFql, validate } = require('@segment/destination-subscriptions')
const absmartly = require('@segment/action-destinations/dist/destinations/absmartly').default

let sent = []
fetchModule.default = async (request) => {
  const text = await request.clone().text()
  sent.push({
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers.entries()),
    body: text === '' ? null : JSON.parse(text)
  })
  return new fetchModule.Response('{}', { status: 200, headers: { 'content-type': 'application/json' } })
}

const OPS = {
  ...require('./app_calls.js').OPS,
  ...require('./batches.js').OPS,
  ...require('./catalog.js').OPS,
  'fql.parse': ({ fql }) => {
    const condition = parseFql(fql)
    if (condition.error) throw condition.error
    return condition
  },
  'fql.match': ({ fql, event }) => validate(parseFql(fql), event),
  'fql.generate': ({ ast }) => generateFql(ast),
  'mapping.transform': ({ mapping, event }) => transform(mapping, event),
  'mapping.liquid': ({ template, event }) => transform({ v: { '@liquid': template } }, event),
  'fields.schema': ({ fields }) => fieldsToJsonSchema(fields),
  'schema.validate': ({ fields, payload }) => {
    const schema = fieldsToJsonSchema(fields)
    const cleaned = removeEmptyValues(payload, schema, true)
    validateSchema(cleaned, schema)
    return cleaned
  },
  'destination.on_event': async ({ event, settings, subscriptions }) => {
    sent = []
    const results = await new Destination(absmartly).onEvent(event, { ...settings, subscriptions })
    return { requests: sent, results }
  }
}

// A bare error of the JavaScript engine: its words are V8's, not the runtime's.
const ENGINE = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError]

function failure(error) {
  const answer = { error: error instanceof Error ? error.message : String(error?.message ?? error) }
  if (error?.name === 'AggregateError' || error?.name === 'AggregateAjvError') {
    answer.errors = Array.from(error, (one) => one.message) // an AggregateError's own message holds stack frames
    answer.error = answer.errors.join(error.name === 'AggregateError' ? '\n' : ' ')
  }
  if (ENGINE.includes(error?.constructor)) answer.engine = true
  return answer
}

async function answer({ op, args }) {
  try {
    if (!OPS[op]) throw new Error(`unknown op ${op}`)
    const value = await OPS[op](args)
    return value === undefined ? { undefined: true } : { ok: value }
  } catch (error) {
    return failure(error)
  }
}

async function main() {
  let rest = ''
  process.stdin.setEncoding('utf8') // not readline: it also splits at U+2028, which JSON text may hold
  for await (const chunk of process.stdin) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    for (const line of lines) {
      const question = JSON.parse(line)
      process.stdout.write(`${JSON.stringify({ id: question.id, ...(await answer(question)) })}\n`)
    }
  }
}

main()

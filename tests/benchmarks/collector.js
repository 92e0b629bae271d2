'use strict'
// A collector on Node for the rows of delivery; prints its port. It answers as the one in collector.py does.
// node collector.js [CERTIFICATE.pem KEY.pem]
const fs = require('node:fs')
const http = require('node:http')
const https = require('node:https')

const ANSWER = '{"ok":true,"warnings":[],"errors":[]}'
let requests = 0
let size = 0

function answer(response, text) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
  response.end(text)
}

function take(request, response) {
  if (request.url === '/count') {
    answer(response, JSON.stringify([requests, size]))
    return
  }
  request.on('data', chunk => {
    size += chunk.length
  })
  request.on('end', () => {
    requests++
    answer(response, ANSWER)
  })
}

const [certificate, key] = process.argv.slice(2)
const server = certificate
  ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, take)
  : http.createServer(take)
server.keepAliveTimeout = 60000
server.listen(0, '127.0.0.1', 1024, () => console.log(server.address().port))

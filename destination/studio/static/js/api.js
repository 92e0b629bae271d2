/** An answer of the server that is not a success, or no answer at all. */
export class ApiError extends Error {
  /**
   * @param {string} message one or more sentences for a person
   * @param {number} status HTTP status; 0 where there was no answer
   * @param {any} [body]
   */
  constructor(message, status, body = null) {
    super(message);
    this.status = status;
    this.body = body;
    /** @type {string[]} */
    this.lines = body?.lines ?? [];
  }
}

const token = () => document.querySelector('meta[name="studio-token"]')?.getAttribute('content') ?? '';

/** Reports whether an error only says that its request was cancelled. @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === 'AbortError';

/**
 * Reads a route of the server.
 * @param {string} path such as `/api/session`
 * @param {{signal?: AbortSignal}} [options]
 */
export const get = async (path, options = {}) => parse(await request('GET', path, undefined, options));

/**
 * Posts JSON to a route and returns its answer.
 * @param {string} path
 * @param {any} body
 * @param {{signal?: AbortSignal}} [options]
 */
export const post = async (path, body, options = {}) => parse(await request('POST', path, body, options));

/**
 * Posts JSON and calls `onLine` for each line of the NDJSON answer; returns the last one.
 * @param {string} path
 * @param {any} body
 * @param {{signal?: AbortSignal, onLine?: (value: any) => void}} options
 */
export async function stream(path, body, {signal, onLine = () => {}}) {
  const response = await request('POST', path, body, {signal});
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let last = null;
  const take = (line) => {
    if (!line.trim()) return;
    last = JSON.parse(line);
    if (last.error) throw new ApiError(last.error, response.status, last);
    onLine(last);
  };
  for (;;) {
    const {done, value} = await reader.read();
    rest += done ? decoder.decode() : decoder.decode(value, {stream: true});
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
    if (done) break;
  }
  take(rest);
  return last;
}

async function request(method, path, body, {signal} = {}) {
  const headers = {'X-Studio-Token': token()};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    const text = body === undefined ? undefined : JSON.stringify(body);
    response = await fetch(path, {method, headers, body: text, signal, cache: 'no-store'});
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError('The studio does not answer. It may have been stopped in its terminal.', 0);
  }
  if (response.ok) return response;
  let answer = null;
  try {
    answer = await response.json();
  } catch {
    // An answer that is not JSON comes from something between the page and the server.
  }
  throw new ApiError(answer?.error ?? `The studio answered with status ${response.status}.`, response.status, answer);
}

const parse = (response) => (response.status === 204 ? null : response.json());

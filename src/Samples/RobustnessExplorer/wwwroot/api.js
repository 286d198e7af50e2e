// What the page asks of the service. A refusal is a problem document, whose detail is told to the visitor.
let token;

async function fetchToken() {
  token = (await (await fetch('/api/session')).json()).token;
}

async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  const error = new Error(problem.detail ?? problem.title ?? `The service answered ${response.status}.`);
  error.status = response.status;
  error.retryAfter = Number(response.headers.get('Retry-After'));
  return error;
}

export async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw await refusal(response);
  return response.json();
}

// A token ends with the service's process: a page that outlived one asks for another, once.
export async function post(path, body, signal) {
  for (let isSecond = false; ; isSecond = true) {
    if (!token || isSecond) await fetchToken();
    const response = await fetch(path, { method: 'POST', body, signal, headers: { 'X-Token': token } });
    if (response.ok) return response;
    const error = await refusal(response);
    if (isSecond || response.status !== 400 || !error.message.includes('token')) throw error;
  }
}

// Server-sent events of an answer to a POST, which EventSource does not know.
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const blocks = rest.split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]));
      if (fields.data) yield { name: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

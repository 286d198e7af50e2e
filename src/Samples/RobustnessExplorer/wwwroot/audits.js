// Audits of uploaded models: one line each, with its progress and then its report.
import { get, post } from './api.js';

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

async function follow(id, name, find) {
  const line = find('audits').appendChild(document.createElement('li')), words = line.appendChild(document.createElement('label')), bar = document.createElement('progress');
  words.append(document.createElement('span'), bar);
  for (;;) {
    const state = await get(`/api/audits/${id}`);
    words.firstChild.textContent = `${name}: ${state.message}`;
    bar.value = state.share;
    if (state.outcome === 'done') {
      bar.remove();
      const link = line.appendChild(document.createElement('a'));
      Object.assign(link, { href: `/api/audits/${id}/report`, target: '_blank', textContent: `Report of ${name}` });
      return;
    }
    if (state.outcome === 'failed') { bar.remove(); line.className = 'wrong'; return; }
    await pause(700);
  }
}

export function auditPart(find) {
  const form = find('audit-form');
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const file = find('model').files[0];
    find('audit-message').textContent = '';
    find('audit').disabled = true;
    try {
      const asked = new URLSearchParams({ name: file.name, attack: form.elements.attack.value, images: form.elements.images.value });
      const { id } = await (await post(`/api/audits?${asked}`, file)).json();
      follow(id, file.name, find).catch(error => { find('audit-message').textContent = error.message; });
    } catch (error) {
      find('audit-message').textContent = error.message;
    } finally {
      find('audit').disabled = false;
    }
  });
}

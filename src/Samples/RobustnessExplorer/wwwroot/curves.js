// Accuracy against the budget, measured by the service once.
import { get } from './api.js';
import { plot, legend } from './chart.js';

const pause = seconds => new Promise(resolve => setTimeout(resolve, seconds * 1000));

function cell(row, name, text) {
  const made = row.appendChild(document.createElement(name));
  made.textContent = text;
  if (name === 'th') made.scope = row.parentElement.tagName === 'THEAD' ? 'col' : 'row';
}

function table(curves) {
  const made = document.createElement('table');
  const head = made.createTHead().insertRow();
  for (const title of ['Budget', 'robust', 'plain']) cell(head, 'th', title);
  const body = made.createTBody();
  curves.epsilons.forEach((epsilon, place) => {
    const row = body.insertRow();
    cell(row, 'th', epsilon === 0 ? 'clean' : epsilon);
    for (const point of [curves.robust[place], curves.plain[place]]) cell(row, 'td', `${(point.accuracy * 100).toFixed(1)} % (${(point.lower * 100).toFixed(0)} to ${(point.upper * 100).toFixed(0)})`);
  });
  return made;
}

export async function showCurves(find) {
  for (;;) {
    try {
      const curves = await get('/api/curves');
      const points = line => curves.epsilons.map((epsilon, place) => ({ x: epsilon, y: line[place].accuracy * 100, low: line[place].lower * 100, high: line[place].upper * 100 }));
      find('curve-words').textContent = `${curves.attack} on ${curves.examples} test images; upright lines and brackets are 95 % intervals.`;
      find('curve-plot').replaceChildren(plot({
        lines: [{ name: 'robust', points: points(curves.robust) }, { name: 'plain', points: points(curves.plain) }],
        label: 'Accuracy under attack against the budget, robust and plain; the table below has the numbers', horizontal: 'budget (grey levels of 255)', vertical: 'accuracy (%)', mostX: curves.epsilons.at(-1), mostY: 100,
      }), legend(['robust', 'plain']));
      find('curve-table').replaceChildren(table(curves));
      return;
    } catch (error) {
      if (error.status !== 503) { find('curve-words').textContent = error.message; return; }
      await pause(error.retryAfter || 2);
    }
  }
}

// A plot of lines as SVG; text beside it says the same.
const space = 'http://www.w3.org/2000/svg';
const [width, height, left, right, top, bottom] = [420, 220, 58, 12, 12, 40];

function add(parent, name, attributes, text) {
  const element = parent.appendChild(document.createElementNS(space, name));
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function ticks(most, count) {
  const rough = most / count, power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map(factor => factor * power).find(size => size >= rough);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}

// lines: [{ name, points: [{ x, y, low, high }] }]; mark: where on the horizontal axis the reader is.
export function plot({ lines, label, horizontal, vertical, mostX, mostY, mark }) {
  mostX ||= 1; mostY ||= 1;
  const svg = document.createElementNS(space, 'svg');
  for (const [key, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, class: 'plot', role: 'img', 'aria-label': label })) svg.setAttribute(key, value);
  const x = value => left + (width - left - right) * Math.min(1, value / mostX), y = value => height - bottom - (height - top - bottom) * Math.max(0, Math.min(1, value / mostY));
  for (const value of ticks(mostY, 4)) {
    add(svg, 'line', { class: 'grid', x1: left, x2: width - right, y1: y(value), y2: y(value) });
    add(svg, 'text', { class: 'end', x: left - 6, y: y(value) + 4 }, +value.toPrecision(3));
  }
  for (const value of ticks(mostX, 6)) add(svg, 'text', { class: 'middle', x: x(value), y: height - bottom + 16 }, +value.toPrecision(3));
  add(svg, 'line', { class: 'axis', x1: left, x2: width - right, y1: y(0), y2: y(0) });
  add(svg, 'text', { class: 'middle', x: (left + width - right) / 2, y: height - 6 }, horizontal);
  add(svg, 'text', { class: 'middle', transform: `translate(12 ${(height - bottom + top) / 2}) rotate(-90)` }, vertical);
  if (mark !== undefined) add(svg, 'line', { class: 'mark', x1: x(mark), x2: x(mark), y1: top, y2: height - bottom });
  for (const { name, points } of lines) {
    const group = add(svg, 'g', { class: name });
    add(group, 'polyline', { class: 'line', points: points.map(point => `${x(point.x)},${y(point.y)}`).join(' ') });
    for (const point of points.filter(point => point.low !== undefined)) {
      add(group, 'line', { class: 'whisker', x1: x(point.x), x2: x(point.x), y1: y(point.low), y2: y(point.high) });
      add(group, 'circle', { cx: x(point.x), cy: y(point.y), r: 3.5 });
    }
  }
  return svg;
}

export function legend(names) {
  const line = document.createElement('p');
  line.className = 'legend';
  for (const name of names) {
    const key = line.appendChild(document.createElement('span'));
    key.className = `key ${name}`;
    key.textContent = `${name === 'plain' ? '╌╌' : '──'} ${name}`;
  }
  return line;
}

// One model: what it says, in bars, with the three pictures and a curve.
import { paint, blank } from './picture.js';

function element(parent, name, className, text) {
  const made = parent.appendChild(document.createElement(name));
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export const percent = share => `${(share * 100).toFixed(share > 0.9995 || share < 0.0005 ? 0 : 1)} %`;

export class Card {
  constructor(parent, name, models) {
    this.models = models;
    const card = element(parent, 'article', `card ${name}`);
    card.dataset.model = name;
    element(card, 'h3', '', `${name[0].toUpperCase()}${name.slice(1)} model`);
    this.verdict = element(card, 'p', 'verdict');
    const pictures = element(card, 'div', 'pictures');
    this.canvases = Object.fromEntries(['clean', 'perturbation', 'attacked'].map(kind => {
      const figure = element(pictures, 'figure'), canvas = element(figure, 'canvas');
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', `${kind} image, ${name} model`);
      element(figure, 'figcaption', '', kind);
      blank(canvas, models);
      return [kind, canvas];
    }));
    const bars = element(card, 'dl', 'bars');
    bars.title = 'Probabilities, and the scores before softmax';
    // So many classes as a glance takes in; more are scrolled to.
    if (models.classes.length > 12) bars.tabIndex = 0;
    this.bars = models.classes.map(name => {
      element(bars, 'dt', '', name);
      const value = element(element(element(bars, 'dd'), 'div', 'track'), 'div', 'value');
      return { value, number: element(bars, 'dd', 'number', ''), logit: element(bars, 'dd', 'logit', '') };
    });
    this.curve = element(card, 'div');
  }

  show({ clean, moves, image }) {
    if (clean) paint(this.canvases.clean, clean, this.models);
    if (moves) paint(this.canvases.perturbation, moves, this.models); else if (clean) blank(this.canvases.perturbation, this.models);
    if (image) paint(this.canvases.attacked, image, this.models);
  }

  say({ probabilities, logits }, words, isRight) {
    probabilities.forEach((share, index) => {
      this.bars[index].logit.textContent = logits[index].toFixed(1);
      this.bars[index].value.style.width = `${share * 100}%`;
      this.bars[index].number.textContent = percent(share);
    });
    this.verdict.textContent = words;
    this.verdict.className = `verdict ${isRight === undefined ? '' : isRight ? 'right' : 'wrong'}`;
  }
}

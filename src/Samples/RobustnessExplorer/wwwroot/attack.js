// An attack, look by look. What comes faster than an eye follows is shown one frame at a time.
import { events, post } from './api.js';
import { plot } from './chart.js';
import { percent } from './card.js';

const frame = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 60;

export function attackPart(find, models, picked) {
  const form = find('attack-form'), fields = form.elements;
  models.classes.forEach((name, index) => fields.target.add(new Option(name, index)));
  let running;

  function fit() {
    const kind = fields.attack.value;
    fields.steps.disabled = kind === 'fgsm';
    find('steps-name').textContent = kind === 'square' ? 'Queries' : 'Steps';
    fields.steps.max = kind === 'square' ? 1000 : 100;
    if (+fields.steps.value > +fields.steps.max) fields.steps.value = fields.steps.max;
    fields.target.disabled = kind === 'square';
  }

  function fitNorm() {
    const isLevels = fields.norm.value === 'linf';
    Object.assign(fields.epsilon, isLevels ? { max: 64, step: 0.5, value: 12 } : { max: 10, step: 0.1, value: 1 });
  }

  function query() {
    const asked = new URLSearchParams(picked.query);
    for (const name of ['attack', 'norm', 'epsilon', 'steps', 'target'])
      if (!fields[name].disabled && fields[name].value !== '') asked.set(name, fields[name].value);
    return asked;
  }

  function saying(state, index, probability) {
    const name = models.classes[index];
    return `${state} ${name}, ${percent(probability)}`;
  }

  function show(told, attacks) {
    const { name, data } = told, card = models.cards[data.model], attack = attacks.of[data.model];
    if (name === 'begin') {
      attacks.of[data.model] = { label: data.label, losses: [] };
      find('attack-words').textContent = attacks.name = data.attack;
    } else if (name === 'look') {
      attack.losses.push({ x: data.look, y: data.loss });
      card.show({ moves: data.moves, image: data.image });
      card.say(data, saying(`look ${data.look}: says`, data.class, data.probabilities[data.class]), data.class === attack.label);
      for (const [model, drawn] of Object.entries(attacks.of)) if (drawn.losses.length) drawLoss(model, drawn, attacks);
    } else if (name === 'end') {
      card.show({ moves: data.moves, image: data.image });
      card.say(data, saying(data.isBroken ? `broken: ${models.classes[attack.label]} becomes` : 'withstands: says', data.class, data.probabilities[data.class]), !data.isBroken);
      attack.words = data.isBroken ? `the ${data.model} model is broken` : `the ${data.model} model withstands`;
    } else if (name === 'done') {
      find('attack-words').textContent = `${attacks.name}: ${attacks.of.robust.words}, ${attacks.of.plain.words}.`;
    } else if (name === 'stopped') {
      find('attack-message').textContent = data.message;
    }
  }

  // Both on one scale.
  function drawLoss(model, attack, attacks) {
    const all = Object.values(attacks.of).flatMap(one => one.losses), last = attack.losses.at(-1);
    models.cards[model].curve.replaceChildren(plot({
      lines: [{ name: model, points: attack.losses }], label: `Loss of the class ${models.classes[attack.label]} against the attack's looks at the model, now ${last.y.toFixed(2)}`,
      horizontal: 'looks at the model', vertical: 'loss', mostX: Math.max(5, ...all.map(point => point.x)), mostY: Math.max(0.1, ...all.map(point => point.y)),
    }));
  }

  async function run(asked, signal) {
    const response = await post(`/api/attacks?${asked}`, picked.body, signal), attacks = { name: '', of: {} };
    const waiting = { robust: [], plain: [] };
    let isOver = false, last;
    // What is told of no model is told when both have been shown.
    const reading = (async () => { for await (const told of events(response)) if (told.data.model) waiting[told.data.model].push(told); else last = told; })().finally(() => { isOver = true; });
    while (!signal.aborted && (!isOver || waiting.robust.length || waiting.plain.length)) {
      for (const told of [waiting.robust.shift(), waiting.plain.shift()]) if (told) show(told, attacks);
      await new Promise(resolve => setTimeout(resolve, frame));
    }
    await reading;
    if (last) show(last, attacks);
  }

  form.addEventListener('submit', async event => {
    event.preventDefault();
    running = new AbortController();
    delete form.dataset.ended;
    find('attack-message').textContent = '';
    find('attack-words').textContent = 'Waiting for a turn …';
    for (const card of Object.values(models.cards)) card.curve.replaceChildren();
    [find('run').disabled, find('stop').disabled] = [true, false];
    try {
      await run(query(), running.signal);
    } catch (error) {
      find('attack-words').textContent = error.name === 'AbortError' ? 'Stopped.' : '';
      if (error.name !== 'AbortError') find('attack-message').textContent = error.message;
    } finally {
      [find('run').disabled, find('stop').disabled] = [false, true];
      form.dataset.ended = 'true';
    }
  });
  find('stop').addEventListener('click', () => running?.abort());
  fields.attack.addEventListener('change', fit);
  fields.norm.addEventListener('change', fitNorm);
  fit();
  return {
    reset() {
      running?.abort();
      find('attack-words').textContent = find('attack-message').textContent = '';
      for (const card of Object.values(models.cards)) card.curve.replaceChildren();
    },
  };
}

// The smallest budget that breaks each model, and what becomes of the image within any: computed once, then the slider answers at once.
import { post } from './api.js';
import { plot, legend } from './chart.js';
import { Card, percent } from './card.js';

export function budgetPart(find, models, picked) {
  const slider = find('budget');
  let curves, cards, asking;
  slider.max = models.largestEpsilon;

  function tell() {
    find('smallest').replaceChildren(...curves.map(({ model, label, smallestBreaking }) => {
      const line = document.createElement('li');
      line.className = model;
      line.textContent = smallestBreaking === null ? `${model}: withstands every budget up to ${models.largestEpsilon} grey levels.`
        : smallestBreaking === 0 ? `${model}: is wrong of the clean image already.` : `${model}: loses ${models.classes[label]} within ${smallestBreaking.toFixed(1)} grey levels.`;
      return line;
    }));
  }

  function show() {
    const place = +slider.value;
    find('budget-value').textContent = place;
    for (const { model, label, points } of curves) {
      const point = points[place], isRight = point.class === label;
      cards[model].show({ clean: picked.picture, moves: point.moves, image: point.image });
      cards[model].say(point, `${isRight ? 'withstands: says' : 'broken: says'} ${models.classes[point.class]}, ${percent(point.probabilities[point.class])}`, isRight);
    }
    find('budget-plot').replaceChildren(plot({
      lines: curves.map(({ model, label, points }) => ({ name: model, points: points.map(point => ({ x: point.epsilon, y: point.probabilities[label] * 100 })) })),
      label: 'Probability of the true class against the budget, robust and plain', horizontal: 'budget (grey levels of 255)', vertical: 'true class (%)', mostX: models.largestEpsilon, mostY: 100, mark: place,
    }), legend(['robust', 'plain']));
  }

  find('find').addEventListener('click', async () => {
    asking = new AbortController();
    find('budget-message').textContent = '';
    find('find').disabled = true;
    find('find').textContent = 'Searching …';
    try {
      curves = await (await post(`/api/budgets${picked.query}`, picked.body, asking.signal)).json();
      find('budgets').hidden = false;
      cards ??= Object.fromEntries(['robust', 'plain'].map(name => [name, new Card(find('budget-cards'), name, models)]));
      slider.value = Math.max(1, Math.min(...curves.map(curve => Math.ceil(curve.smallestBreaking ?? models.largestEpsilon))));
      tell();
      show();
    } catch (error) {
      if (error.name !== 'AbortError') find('budget-message').textContent = error.message;
    } finally {
      find('find').disabled = false;
      find('find').textContent = 'Find the smallest budgets';
    }
  });
  slider.addEventListener('input', show);
  return {
    reset() {
      asking?.abort();
      find('budgets').hidden = true;
      find('budget-message').textContent = '';
    },
  };
}

// The page: waits for the models, keeps the picked image, and has the parts of the page show what becomes of it.
import { get, post } from './api.js';
import { paint } from './picture.js';
import { drawing } from './drawing.js';
import { Card, percent } from './card.js';
import { attackPart } from './attack.js';
import { budgetPart } from './budgets.js';
import { showCurves } from './curves.js';
import { auditPart } from './audits.js';

const find = id => document.getElementById(id);
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

// What is picked: how to ask the service about it, and what it and the models said.
const picked = { query: '', body: undefined, label: undefined, answers: undefined, picture: undefined };

async function prepare() {
  for (;;) {
    const state = await get('/api/state').catch(error => ({ failure: error.message }));
    find('preparation-words').textContent = state.failure ?? 'On the first start both models are trained, within a few minutes; they are kept for the next.';
    find('preparation-words').className = state.failure ? 'wrong' : '';
    if (state.ready) return;
    showTrainings(state.trainings ?? {});
    await pause(1000);
  }
}

function showTrainings(trainings) {
  for (const [name, training] of Object.entries(trainings)) {
    const id = `training-${name}`;
    if (!find(id)) {
      const part = find('trainings').appendChild(document.createElement('div'));
      part.id = id;
      const label = part.appendChild(document.createElement('label'));
      label.append(document.createElement('span'), document.createElement('progress'));
    }
    const left = Math.ceil(training.remainingSeconds);
    find(id).querySelector('span').textContent = `The ${name} model: epoch ${training.epoch} of ${training.epochs}${training.accuracy === null ? '' : `, ${percent(training.accuracy)} of its training images right`}${training.share < 1 ? `, ${left} seconds left` : ', done'}`;
    find(id).querySelector('progress').value = training.share;
  }
}

async function pick(query, body, models, parts) {
  find('image-message').textContent = '';
  delete find('cards').dataset.image;
  try {
    const answer = await (await post(`/api/predictions${query}`, body)).json();
    Object.assign(picked, { query, body, label: answer.label, answers: answer.models, picture: answer.picture });
  } catch (error) {
    find('image-message').textContent = error.message;
    return;
  }
  for (const part of parts) part.reset();
  for (const [name, card] of Object.entries(models.cards)) {
    const { class: index, probabilities } = picked.answers[name];
    card.show({ clean: picked.picture, image: picked.picture });
    card.say(picked.answers[name], `says ${models.classes[index]}, ${percent(probabilities[index])}`, picked.label === null ? undefined : index === picked.label);
  }
  find('cards').dataset.image = query;
}

function showGallery(models, choose) {
  for (const image of models.images) {
    const label = find('gallery').appendChild(document.createElement('label')), input = label.appendChild(document.createElement('input')), canvas = label.appendChild(document.createElement('canvas'));
    Object.assign(input, { type: 'radio', name: 'gallery', value: image.id });
    input.setAttribute('aria-label', `Test image ${image.id + 1}, class ${models.classes[image.label]}`);
    paint(canvas, image.picture, models);
    input.addEventListener('change', () => choose(`?image=${image.id}`));
  }
}

function unpick() {
  const chosen = document.querySelector('#gallery input:checked');
  if (chosen) chosen.checked = false;
}

function takeFiles(choose) {
  const drop = find('drop');
  const take = file => { if (file) { unpick(); choose('', file); } };
  find('file').addEventListener('change', event => take(event.target.files[0]));
  for (const name of ['dragenter', 'dragover']) drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add('over'); });
  for (const name of ['dragleave', 'drop']) drop.addEventListener(name, () => drop.classList.remove('over'));
  drop.addEventListener('drop', event => { event.preventDefault(); take(event.dataTransfer.files[0]); });
}

function takeDrawings(choose) {
  const drawn = drawing(find('draw'), find('pen'));
  find('clear-drawing').addEventListener('click', () => drawn.clear());
  find('use-drawing').addEventListener('click', async () => {
    if (drawn.isEmpty()) { find('image-message').textContent = 'Nothing is drawn yet.'; return; }
    unpick();
    await choose('', await drawn.file());
  });
}

function zoom(models) {
  const slider = find('zoom'), root = document.documentElement.style;
  root.setProperty('--pixels', models.width);
  slider.value = Math.max(1, Math.min(8, Math.floor((innerWidth < 480 ? 100 : 130) / models.width)));
  const apply = () => root.setProperty('--zoom', slider.value);
  slider.addEventListener('input', apply);
  apply();
}

async function start() {
  await prepare();
  const models = await get('/api/models');
  find('explorer').hidden = false;
  find('preparation').hidden = true;
  zoom(models);
  models.cards = Object.fromEntries(['robust', 'plain'].map(name => [name, new Card(find('cards'), name, models)]));
  const parts = [attackPart(find, models, picked), budgetPart(find, models, picked)];
  const choose = (query, body) => pick(query, body, models, parts);
  showGallery(models, choose);
  takeFiles(choose);
  takeDrawings(choose);
  auditPart(find);
  const first = document.querySelector(`#gallery input[value="${models.first}"]`);
  first.checked = true;
  await choose(`?image=${first.value}`);
  await showCurves(find);
}

start().catch(error => {
  find('preparation').hidden = false;
  find('preparation-words').textContent = error.message;
  find('preparation-words').className = 'wrong';
});

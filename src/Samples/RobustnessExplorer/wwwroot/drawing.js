// A letter drawn with the pointer, or with the keys: white on black, as most test letters are.
const step = 6, thickness = 22;

export function drawing(canvas, pen) {
  const context = canvas.getContext('2d');
  let place = { x: 128, y: 128 }, isDown = false, isDrawn = false, under;

  function clear() {
    context.fillStyle = '#000';
    context.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(context, { strokeStyle: '#fff', lineWidth: thickness, lineCap: 'round', lineJoin: 'round' });
    under = undefined; isDrawn = false;
  }

  function lineTo(next) {
    context.beginPath();
    context.moveTo(place.x, place.y);
    context.lineTo(next.x, next.y);
    context.stroke();
    place = next; isDrawn = true;
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) * canvas.width / box.width, y: (event.clientY - box.top) * canvas.height / box.height };
  }

  // The cross that shows where the pen is lies on the drawing, and is lifted before anything is drawn or sent.
  function lift() {
    if (under) context.putImageData(under, 0, 0);
    under = undefined;
  }

  function cross() {
    lift();
    if (document.activeElement !== canvas) return;
    under = context.getImageData(0, 0, canvas.width, canvas.height);
    context.save();
    Object.assign(context, { lineWidth: 2, strokeStyle: isDown ? '#56b4e9' : '#ff9e57' });
    context.beginPath();
    context.moveTo(place.x - 12, place.y); context.lineTo(place.x + 12, place.y);
    context.moveTo(place.x, place.y - 12); context.lineTo(place.x, place.y + 12);
    context.stroke();
    context.restore();
  }

  canvas.addEventListener('pointerdown', event => { canvas.focus(); lift(); canvas.setPointerCapture(event.pointerId); place = at(event); isDown = false; lineTo({ x: place.x + 0.1, y: place.y }); });
  canvas.addEventListener('pointermove', event => { if (event.buttons) { lift(); lineTo(at(event)); } });
  canvas.addEventListener('blur', lift);
  canvas.addEventListener('focus', () => { if (canvas.matches(':focus-visible')) cross(); });
  canvas.addEventListener('keydown', event => {
    const [x, y] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] ?? [0, 0];
    if (event.key !== ' ' && !x && !y) return;
    event.preventDefault();
    lift();
    if (event.key === ' ') { isDown = !isDown; pen.textContent = isDown ? 'The pen is down.' : 'The pen is up.'; if (isDown) lineTo({ x: place.x + 0.1, y: place.y }); }
    const next = { x: Math.min(255, Math.max(0, place.x + x)), y: Math.min(255, Math.max(0, place.y + y)) };
    if (isDown) lineTo(next); else place = next;
    cross();
  });
  clear();
  return { clear, isEmpty: () => !isDrawn, file: () => { lift(); return new Promise(resolve => canvas.toBlob(resolve, 'image/png')); } };
}

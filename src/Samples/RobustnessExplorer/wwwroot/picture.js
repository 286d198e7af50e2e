// Pixels as the service sends them: base64, one byte for each channel of each pixel.
export function paint(canvas, base64, shape) {
  const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
  const { width, height, channels } = shape;
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const image = new ImageData(width, height);
  for (let place = 0; place < width * height; place++) {
    for (let channel = 0; channel < 3; channel++) image.data[place * 4 + channel] = bytes[place * channels + (channels === 3 ? channel : 0)];
    image.data[place * 4 + 3] = 255;
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
}

export function blank(canvas, shape) {
  [canvas.width, canvas.height] = [shape.width, shape.height];
  const context = canvas.getContext('2d');
  context.fillStyle = '#808080';
  context.fillRect(0, 0, shape.width, shape.height);
}

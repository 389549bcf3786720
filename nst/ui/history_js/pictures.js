// Pictures that are fetched, made smaller and sent, all as Blobs.

async function fetched(file) {
    const answer = await fetch(file.url);
    if (!answer.ok) throw new Error(`${answer.status} for ${file.url}`);
    return answer.blob();
}

function drawn(width, height, draw, quality) {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    draw(context);
    return new Promise((resolve, reject) => canvas.toBlob(
        blob => blob ? resolve(blob) : reject(new Error('The browser can\'t write the picture.')), 'image/webp', quality));
}

async function thumbnailOf(blob, side) {
    const image = await createImageBitmap(blob), length = Math.min(image.width, image.height);
    const x = (image.width - length) / 2, y = (image.height - length) / 2;
    const size = [image.width, image.height];
    const thumbnail = await drawn(side, side, c => c.drawImage(image, x, y, length, length, 0, 0, side, side), 0.85);
    image.close();
    return {size, thumbnail};
}

// As it is, or a copy of less than its size where it has more than so many bytes.
async function reduced(blob, bounds) {
    if (blob.size <= bounds.inputBytes) return {blob, isReduced: false};
    const image = await createImageBitmap(blob);
    const scale = Math.min(1, bounds.reducedSide / Math.max(image.width, image.height));
    const [width, height] = [image.width, image.height].map(length => Math.max(1, Math.round(length * scale)));
    const copy = await drawn(width, height, c => c.drawImage(image, 0, 0, width, height), 0.95);
    image.close();
    return {blob: copy, isReduced: true};
}

// The file as the server's handlers take it.  send: the upload of Gradio.
async function sent(send, blob, name) {
    const isNamedForIt = blob.type !== 'image/webp' || name.endsWith('.webp');
    const {path} = await send(new File([blob], isNamedForIt ? name : `${stem(name)}.webp`, {type: blob.type}));
    return {path, meta: {_type: 'gradio.FileData'}};
}

function stem(name) {
    return name.replace(/\.[^.]+$/, '');
}

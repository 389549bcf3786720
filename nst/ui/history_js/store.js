// What is kept: entries, one for each picture made, and the inputs, which entries share by their digest.
//
// entry: {id, made (milliseconds), task, name, preset, recipe, losses, steps, size, favorite, picture, thumbnail,
// inputs: role -> {name, digest}}; original, which an input is found by: {digest, blob, isReduced}.

function answered(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

function finished(transaction) {
    return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error || new DOMException('aborted', 'AbortError'));
    });
}

async function openStore(name) {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => {
        opening.result.createObjectStore('entries', {keyPath: 'id'});
        opening.result.createObjectStore('originals', {keyPath: 'digest'});
    };
    const store = await answered(opening);
    store.onversionchange = () => store.close();
    return store;
}

// Newest first.
async function entriesIn(store) {
    const entries = await answered(store.transaction('entries').objectStore('entries').getAll());
    return entries.sort((a, b) => b.made - a.made);
}

function inputIn(store, digest) {
    return answered(store.transaction('originals').objectStore('originals').get(digest));
}

// What the entries take, in bytes, with those of the inputs that they need.
function bytesOf(entries, inputs) {
    const needed = digestsOf(entries);
    const ofInputs = inputs.reduce((sum, input) => sum + (needed.has(input.digest) ? input.blob.size : 0), 0);
    return entries.reduce((sum, entry) => sum + entry.picture.size + entry.thumbnail.size, ofInputs);
}

async function bytesIn(store) {
    return bytesOf(await entriesIn(store), await answered(store.transaction('originals').objectStore('originals').getAll()));
}

function digestsOf(entries) {
    return new Set(entries.flatMap(entry => Object.values(entry.inputs).map(input => input.digest)));
}

// The ids of the oldest that must go, of those that are no favorites and not `newest`, for the bounds to be kept;
// null where that is not enough.
function surplus(entries, inputs, newest, bounds) {
    const left = [...entries], gone = [];
    const oldest = entries.filter(entry => !entry.favorite && entry.id !== newest).sort((a, b) => a.made - b.made);
    while (left.length > bounds.pictures || bytesOf(left, inputs) > bounds.bytes) {
        const entry = oldest.shift();
        if (!entry) return null;
        left.splice(left.indexOf(entry), 1);
        gone.push(entry.id);
    }
    return gone;
}

// Everything in one transaction, so that two windows of the page never go by what the other has changed meanwhile.
async function change(store, work) {
    const transaction = store.transaction(['entries', 'originals'], 'readwrite');
    const ended = finished(transaction);
    ended.catch(() => {});
    const entries = transaction.objectStore('entries'), inputs = transaction.objectStore('originals');
    try {
        const result = await work(entries, inputs);
        const needed = digestsOf(await answered(entries.getAll()));
        for (const digest of await answered(inputs.getAllKeys())) if (!needed.has(digest)) inputs.delete(digest);
        await ended;
        return result;
    } catch (error) {
        try { transaction.abort(); } catch { /* it has ended by itself */ }
        throw transaction.error || error;
    }
}

// True when it is kept; false where favorites take up all the room.
function addEntry(store, entry, newInputs, bounds) {
    return change(store, async (entries, inputs) => {
        const all = [...await answered(entries.getAll()), entry];
        const known = new Map((await answered(inputs.getAll())).map(input => [input.digest, input]));
        for (const input of newInputs) known.set(input.digest, input);
        const gone = surplus(all, [...known.values()], entry.id, bounds);
        if (!gone) return false;
        for (const id of gone) entries.delete(id);
        for (const input of newInputs) await answered(inputs.put(input));
        await answered(entries.put(entry));
        return true;
    });
}

// 'kept', 'favorites' where these take up all the room, or 'crowded' where others had to go as the browser has no more.
// Where three times its size did not make room for it, more would not either.
async function keepEntry(store, entry, newInputs, bounds) {
    const known = new Set(await answered(store.transaction('originals').objectStore('originals').getAllKeys()));
    let left = 3 * bytesOf([entry], newInputs.filter(input => !known.has(input.digest)));
    for (let result = 'kept'; ; result = 'crowded') {
        try {
            return await addEntry(store, entry, newInputs, bounds) ? result : 'favorites';
        } catch (error) {
            if (error.name !== 'QuotaExceededError') throw error;
            const oldest = (await entriesIn(store)).reverse().find(entry => !entry.favorite);
            if (!oldest || left < 0) throw error;
            const before = await bytesIn(store);
            await deleteEntries(store, [oldest.id]);
            left -= before - await bytesIn(store);
        }
    }
}

function deleteEntries(store, ids) {
    return change(store, async entries => ids.forEach(id => entries.delete(id)));
}

function markEntry(store, id, favorite) {
    return change(store, async entries => {
        const entry = await answered(entries.get(id));
        if (entry) entries.put({...entry, favorite});
    });
}

// The panel itself.  Gradio runs this with element, trigger, props, upload and watch: see gr.HTML.

const NAME = 'gramarye-history', DELETED = 'gramarye-deleted';
const {languages, bounds, settings} = JSON.parse(JSON.stringify(props.texts));
const language = document.documentElement.lang in languages ? document.documentElement.lang : 'en';
const {words, about} = languages[language];
const status = make('p', {className: 'said', role: 'status'});
const list = make('ul', {className: 'tiles'});
const compared = make('section', {className: 'compared-pair', hidden: true, 'aria-label': words.compare});
const all = make('div', {className: 'all', hidden: true},
    make('button', {type: 'button', onclick: () => attempt(downloadAll)}, words.download_all),
    make('button', {type: 'button', onclick: () => attempt(deleteAll)}, words.delete_all));
const kept = make('p', {className: 'kept'}, fill(words.kept, bounds));
const empty = make('p', {className: 'none', hidden: true}, words.empty);
const addresses = new Map();
let store = null, others = null, pair = null, isWhole = true, latestDrawing = 0;

const root = make('section', {className: 'history', 'aria-label': words.title},
    make('h2', {}, words.title), kept, status, empty, list, all, compared);
element.replaceChildren(root);

function say(text) {
    status.textContent = text;
}

// What fails is said, and the page goes on.
async function attempt(work, failure = words.failed) {
    try {
        return await work();
    } catch (error) {
        console.warn(error);
        say(error.name === 'QuotaExceededError' ? words.no_room : failure);
    }
}

async function open() {
    try {
        store = await openStore(NAME);
        await entriesIn(store);
    } catch (error) {
        console.warn(error);
        store = null;
        kept.hidden = true;
        say(words.unavailable);
        return;
    }
    if (window.BroadcastChannel) {
        others = new BroadcastChannel(NAME);
        others.onmessage = () => attempt(draw);
    }
    await draw();
}

async function changed() {
    others?.postMessage('changed');
    await draw();
}

// The ids of what was deleted, as a page that is loaded anew hears again of what it painted.
function deletedIds() {
    try {
        return JSON.parse(localStorage.getItem(DELETED)) ?? [];
    } catch {
        return [];
    }
}

async function forget(ids) {
    try {
        localStorage.setItem(DELETED, JSON.stringify([...ids, ...deletedIds()].slice(0, 4 * bounds.pictures)));
    } catch { /* then it may come back */ }
    await deleteEntries(store, ids);
}

// A painting that a reloaded page finds again is told of twice.
async function keep(record) {
    if (deletedIds().includes(record.id) || (await entriesIn(store)).some(entry => entry.id === record.id)) return;
    const picture = await fetched(record.picture);
    const inputs = {}, newInputs = [];
    let isReduced = false;
    for (const [role, {name, digest, file}] of Object.entries(record.inputs)) {
        inputs[role] = {name, digest};
        if (!file || newInputs.some(input => input.digest === digest)) continue;
        const kept = await inputIn(store, digest) || {digest, ...await reduced(await fetched(file), bounds)};
        isReduced ||= kept.isReduced;
        newInputs.push(kept);
    }
    const entry = {
        ...record, inputs, picture, made: Date.now(), favorite: false, ...await thumbnailOf(picture, bounds.thumbnail),
    };
    const result = await keepEntry(store, entry, newInputs, bounds);
    say(result !== 'kept' ? words[`kept_${result}`] : isReduced ? words.reduced : '');
    await changed();
}

async function restore(entry) {
    say(words.restoring);
    const inputs = {};
    isWhole = true;
    for (const [role, {name, digest}] of Object.entries(entry.inputs)) {
        const input = await inputIn(store, digest);
        if (input) inputs[role] = await sent(upload, input.blob, name);
        else isWhole = false;
    }
    props.value = {restore: {picture: await sent(upload, entry.picture, entry.name), inputs}};
    trigger('submit');
    say('');
}

function arrived(task) {
    say(fill(isWhole ? words.restored : words.restored_in_part, {verb: about.verbs[task]}));
    const result = [...document.querySelectorAll('.result')].find(panel => panel.offsetParent);
    result?.scrollIntoView({behavior: 'smooth'});
}

async function remove(entry) {
    await forget([entry.id]);
    say(fill(words.deleted, {title: titleOf(entry)}));
    await changed();
}

async function favour(entry) {
    await markEntry(store, entry.id, !entry.favorite);
    await changed();
}

async function deleteAll() {
    const entries = await entriesIn(store);
    if (!await asks(root, fill(words.question, {count: entries.length}), words.delete_all, words.keep_all)) return;
    await forget(entries.map(entry => entry.id));
    say(words.all_deleted);
    await changed();
}

async function downloadAll() {
    const entries = (await entriesIn(store)).reverse(), digits = String(entries.length).length;
    const files = entries.map(({name, picture, made}, i) => (
        {name: `${String(i + 1).padStart(digits, '0')}-${name}`, blob: picture, made}));
    saveAs(await zipOf(files), words.archive);
}

function compareWith(entry) {
    if (pair === null || pair.a === entry.id) pair = {a: entry.id, b: null};
    else pair = {a: pair.a, b: entry.id};
    return draw(true);
}

function titleOf(entry) {
    const {content, ...others} = entry.inputs;
    const styles = Object.keys(others).filter(role => COMPARED_ROLES.test(role)).map(role => shortName(others[role]));
    return fill(words[`title_${entry.task}`], {content: content && shortName(content), style: styles.join(' + ')});
}

function shortName({name}) {
    return stem(name).replaceAll('_', ' ');
}

function settingsOf(entry) {
    return fill(words[`settings_${entry.task}`], {...entry.recipe, preset: about.presets[entry.preset] ?? words.own});
}

// As the browser writes times where it speaks the page's language.
function timeOf(entry) {
    const own = new Intl.Locale(Intl.DateTimeFormat().resolvedOptions().locale), page = new Intl.Locale(language);
    const locale = own.language === page.language ? own : page;
    return new Date(entry.made).toLocaleString(locale, {dateStyle: 'medium', timeStyle: 'short'});
}

// One address for a blob as long as it is in sight.
function addressOf(key, blob) {
    if (!addresses.has(key)) addresses.set(key, URL.createObjectURL(blob));
    return addresses.get(key);
}

function forgetAddresses(entries) {
    const ids = new Set(entries.map(entry => entry.id));
    for (const [key, address] of addresses) {
        if (ids.has(key) || pair?.keys?.includes(key)) continue;
        URL.revokeObjectURL(address);
        addresses.delete(key);
    }
}

function tile(entry) {
    const title = titleOf(entry), image = make('img', {src: addressOf(entry.id, entry.thumbnail), alt: fill(words.restore, {title})});
    const deed = (name, label, pressed, work) => make('button', {
        type: 'button', className: name, title: label, 'aria-label': `${label}: ${title}`, 'data-deed': `${name} ${entry.id}`,
        onclick: () => attempt(work), ...(pressed === null ? {} : {'aria-pressed': pressed}),
    }, icon(name));
    const isCompared = pair !== null && [pair.a, pair.b].includes(entry.id);
    return make('li', {},
        make('button', {
            type: 'button', className: 'tile', 'aria-label': image.alt, title: `${image.alt}\n${timeOf(entry)}`,
            'data-deed': `restore ${entry.id}`, onclick: () => attempt(() => restore(entry), words.not_sent),
        }, image),
        make('p', {}, make('span', {}, title), make('small', {}, settingsOf(entry))),
        make('div', {className: 'deeds'},
            deed('favorite', words.favorite, entry.favorite, () => favour(entry)),
            deed('compare', words.compare, isCompared, () => compareWith(entry)),
            deed('remove', words.remove, null, () => remove(entry))));
}

async function draw(goesToPair = false) {
    const drawing = ++latestDrawing, entries = await entriesIn(store);
    if (drawing !== latestDrawing) return;
    if (pair && !entries.some(entry => entry.id === pair.a)) pair = null;
    const focused = element.contains(document.activeElement) ? document.activeElement.dataset.deed : null;
    list.replaceChildren(...entries.map(tile));
    empty.hidden = entries.length > 0;
    all.hidden = !entries.length;
    await drawPair(entries);
    forgetAddresses(entries);
    if (focused) {
        const again = [...element.querySelectorAll('[data-deed]')].find(button => button.dataset.deed === focused);
        (again || list.querySelector('button'))?.focus({preventScroll: true});
    }
    if (goesToPair) compared.scrollIntoView({behavior: 'smooth', block: 'nearest'});
}

async function side(entries, option, whole) {
    const role = roleIn(option), entry = role ? whole : entries.find(one => one.id === option);
    if (!role) return {name: titleOf(entry), size: entry.size, address: addressOf(`whole ${entry.id}`, entry.picture)};
    const {name, digest} = entry.inputs[role], input = await inputIn(store, digest);
    if (!input) return null;
    const image = new Image();
    image.src = addressOf(`input ${digest}`, input.blob);
    await image.decode();
    return {name, size: [image.naturalWidth, image.naturalHeight], address: image.src};
}

async function drawPair(entries) {
    compared.hidden = pair === null;
    if (pair === null) return compared.replaceChildren();
    const a = entries.find(entry => entry.id === pair.a), ofA = inputOptions(a);
    const options = [...ofA, ...entries.filter(entry => entry !== a).map(entry => entry.id)];
    if (!options.includes(pair.b)) pair.b = ofA[0];
    const b = roleIn(pair.b) ? null : entries.find(entry => entry.id === pair.b), drawn = pair;
    let sides;
    try {
        sides = await Promise.all([side(entries, pair.a, a), side(entries, pair.b, a)]);
    } catch (error) {
        if (pair === drawn) throw error;
    }
    if (pair !== drawn) return;  // another pair was chosen meanwhile
    pair.keys = [`whole ${pair.a}`, b ? `whole ${pair.b}` : `input ${a.inputs[roleIn(pair.b)].digest}`];
    const nameOf = option => {
        const entry = entries.find(one => one.id === option), role = roleIn(option);
        if (role) return fill(words.its_own, {role: about.roles[role], name: a.inputs[role].name});
        return fill(words.one_of, {what: titleOf(entry), settings: settingsOf(entry), time: timeOf(entry)});
    };
    const choice = (name, values, chosen) => make('label', {}, name, make('select', {
        'data-deed': `choose ${name}`, onchange: event => attempt(() => {
            pair = {...pair, [name.toLowerCase()]: event.target.value};
            return draw();
        }),
    }, ...values.map(value => make('option', {value, selected: value === chosen}, nameOf(value)))));
    const rows = b ? differences(a, b, words, {...about, settings}) : [];
    compared.replaceChildren(
        make('div', {className: 'choices'}, choice('A', entries.map(entry => entry.id), pair.a), choice('B', options, pair.b),
            make('button', {type: 'button', onclick: () => attempt(closePair)}, words.close)),
        sides[1] ? stage(...sides, words) : make('p', {}, words.input_gone),
        b ? rows.length ? table(words.differences, rows, words.setting, words) : make('p', {}, words.same) : '',
        table(words.at_the_end, lossRows(a, b, words), words.loss, words));
}

function closePair() {
    pair = null;
    return draw();
}

function hear() {
    const told = JSON.parse(JSON.stringify(props.value || {}));
    if (told.made) whenOpen.then(() => store && attempt(() => keep(told.made), words.not_kept));
    if (told.restored) arrived(told.restored);
}

const whenOpen = open();
watch('value', hear);

// Two pictures of the history, or one and what it was made of, one over the other, and in what they differ.

const COMPARED_ROLES = /^(content|style(_\d)?)$/;

// B where A is compared with what it was made of, as the value of an option; an entry's is its id.
function roleIn(option) {
    return option.startsWith('of:') ? option.slice(3) : null;
}

function inputOptions(entry) {
    return Object.keys(entry.inputs).filter(role => COMPARED_ROLES.test(role)).map(role => `of:${role}`);
}

// [{name, a, b}] of all in which two entries differ.
function differences(a, b, words, {labels, choices, roles, settings}) {
    const rows = [{name: words.task, a: words[`task_${a.task}`], b: words[`task_${b.task}`]}];
    for (const role of Object.keys(roles)) {
        const [inA, inB] = [a.inputs[role], b.inputs[role]];
        if (inA?.digest !== inB?.digest) rows.push({name: roles[role], a: inA?.name, b: inB?.name, differs: true});
    }
    const names = Object.keys(labels).filter(name => settings[a.task].includes(name) || settings[b.task].includes(name));
    for (const name of names) {
        const [inA, inB] = [a, b].map(entry => settings[entry.task].includes(name) ? entry.recipe[name] : undefined);
        rows.push({name: labels[name], a: shown(inA, choices[name], words), b: shown(inB, choices[name], words)});
    }
    rows.push({name: words.pixels, a: pixels(a.size), b: pixels(b.size)});
    rows.push({name: words.steps, a: steps(a, words), b: steps(b, words)});
    return rows.filter(row => row.differs || row.a !== row.b);
}

function shown(value, choices, words) {
    if (typeof value === 'boolean') return value ? words.on : words.off;
    return Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : choices?.[value] ?? String(value);
}

function steps({steps: [step, steps]}, words) {
    return fill(words.steps_of, {step, steps});
}

function pixels(size) {
    return `${size[0]} × ${size[1]}`;
}

function lossRows(a, b, words) {
    return ['content', 'style'].filter(name => name in a.losses || name in (b?.losses || {})).map(
        name => ({name: words[`loss_${name}`], a: loss(a, name), b: b && loss(b, name)}));
}

function loss(entry, name) {
    return entry.losses[name]?.toPrecision(3);
}

function table(caption, rows, ofRows, words) {
    const head = make('tr', {}, make('th', {scope: 'col'}, ofRows),
        make('th', {scope: 'col'}, 'A'), make('th', {scope: 'col'}, 'B'));
    const body = rows.map(({name, a, b}) => make('tr', {}, make('th', {scope: 'row'}, name),
        make('td', {}, a ?? words.none), make('td', {}, b ?? words.none)));
    return make('table', {}, make('caption', {}, caption), make('thead', {}, head), make('tbody', {}, ...body));
}

// A over B, up to where the slider is; both as large as the larger one.
function stage(a, b, words) {
    const larger = a.size[0] * a.size[1] < b.size[0] * b.size[1] ? b : a;
    const ratios = [a, b].map(({size}) => size[0] / size[1]);
    const isSameShape = Math.abs(Math.log(ratios[0] / ratios[1])) < 0.02;
    const [over, under] = [a, b].map(({address, name}, i) => make('img', {
        src: address, alt: `${'AB'[i]}: ${name}`, className: i ? 'under' : 'over',
        style: `object-fit: ${isSameShape ? 'fill' : 'contain'}`,
    }));
    const slider = make('input', {type: 'range', min: 0, max: 100, value: 50, 'aria-label': words.slider});
    const style = `aspect-ratio: ${larger.size[0]} / ${larger.size[1]}; --width: ${larger.size[0]}px; --at: 50%`;
    const made = make('div', {className: 'stage', style}, under, over,
        make('i', {className: 'handle'}), make('span', {className: 'a'}, 'A'), make('span', {className: 'b'}, 'B'), slider);
    slider.oninput = () => made.style.setProperty('--at', `${slider.value}%`);
    return made;
}
